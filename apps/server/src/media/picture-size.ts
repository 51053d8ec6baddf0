/** What encoders of pictures take: an even number, two at least. */
export function toEven(pixels: number): number {
  return Math.max(2, 2 * Math.round(pixels / 2));
}

/** What encoders of pictures take: an even number, two at least. */
export function toEven(pixels: number): number {
  return Math.max(2, 2 * Math.round(pixels / 2));
}

/** The same, and no larger than it was. */
export function toEvenWithin(pixels: number): number {
  return Math.max(2, pixels - (pixels % 2));
}

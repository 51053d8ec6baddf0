/** A film's poster. It is a picture of what stands beside it in words, so screen readers pass over it. */
export function Poster({ url, className = '' }: { url: string | null; className?: string }) {
  const shape = `aspect-2/3 w-full rounded-xl bg-velvet object-cover ${className}`;
  if (url === null) return <div aria-hidden="true" className={shape} />;
  return <img src={url} alt="" width={600} height={900} loading="lazy" decoding="async" className={shape} />;
}

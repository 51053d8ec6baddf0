/** Somebody's picture, or the outline of one. */
export function Avatar({ url, alt, className }: { url: string | null; alt: string; className: string }) {
  const shape = `${className} rounded-full bg-velvet object-cover ring-1 ring-seam`;
  if (url !== null) return <img src={url} alt={alt} width={512} height={512} className={shape} />;
  return (
    <svg viewBox="0 0 64 64" className={`${shape} text-seam`} fill="currentColor" aria-hidden="true">
      <circle cx="32" cy="25" r="11" />
      <path d="M10 60a22 20 0 0 1 44 0z" />
    </svg>
  );
}

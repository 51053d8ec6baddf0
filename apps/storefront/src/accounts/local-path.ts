/** Gives the path of an address on this site; for one elsewhere, or none, the start. */
export function localPath(address: string | undefined, origin: string): string {
  const url = address === undefined ? null : URL.parse(address, origin);
  return url?.origin === origin ? `${url.pathname}${url.search}${url.hash}` : '/';
}

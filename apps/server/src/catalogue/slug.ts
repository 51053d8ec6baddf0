/** Makes the readable address of a film: `slugOf('Amélie', 2001)` is `amelie-2001`. */
export function slugOf(name: string, year: number): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/&/g, ' and ')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 200)
    .replace(/^-+|-+$/g, '');
  return `${words === '' ? 'film' : words}-${year}`;
}

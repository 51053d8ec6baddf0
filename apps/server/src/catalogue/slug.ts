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

const NUMBERED = 9;

/** The addresses tried for a film, the best first: `heat-1995`, `heat-1995-2` … `heat-1995-9`. */
export function slugCandidates(name: string, year: number): string[] {
  const base = slugOf(name, year);
  return Array.from({ length: NUMBERED }, (_, index) => (index === 0 ? base : `${base}-${index + 1}`));
}

/** The best address that is not taken; when all are, one with something random, which nobody else can be about to take. */
export function pickSlug(name: string, year: number, taken: ReadonlySet<string>): string {
  const free = slugCandidates(name, year).find((slug) => !taken.has(slug));
  return free ?? `${slugOf(name, year)}-${crypto.randomUUID().slice(0, 8)}`;
}

/** The orders the films can be looked at in, with what the cinema is asked for. */
export const SORTS = {
  popular: { label: 'Most popular', sort: 'popularity', order: 'desc' },
  rating: { label: 'Best on IMDb', sort: 'imdb', order: 'desc' },
  newest: { label: 'Newest first', sort: 'year', order: 'desc' },
  oldest: { label: 'Oldest first', sort: 'year', order: 'asc' },
  title: { label: 'Title, A to Z', sort: 'title', order: 'asc' },
  cheapest: { label: 'Price, lowest first', sort: 'price', order: 'asc' },
} as const;

export type SortName = keyof typeof SORTS;

export const SORT_NAMES = Object.keys(SORTS).filter(isSortName);

export function isSortName(name: unknown): name is SortName {
  return typeof name === 'string' && Object.hasOwn(SORTS, name);
}

/** Reads the order from an address. */
export function readSort({ sort }: Record<string, unknown>): { sort?: SortName } {
  return isSortName(sort) ? { sort } : {};
}

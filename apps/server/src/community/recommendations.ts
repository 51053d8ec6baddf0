import type { Recommendation, RecommendationWhy } from '@online-cinema/contract/recommendations';
import { type CardRow, toCard } from '../catalogue/cards.ts';
import type { Deps } from '../deps.ts';
import {
  selectNewReleases,
  selectPersonal,
  selectPopular,
  selectTrending,
  selectWellRated,
} from './recommendations-queries.ts';

type ReadDeps = Pick<Deps, 'db' | 'config'>;

/**
 * What is recommended to a viewer, from what he did. Where that is little, or nothing yet, films that trend and films
 * that are rated well follow in turn. None that he has had to do with: owned, in the cart, liked or not, rated, favourite.
 */
export async function recommendFor(
  { db, config }: ReadDeps,
  userId: string,
  { limit }: { limit: number },
): Promise<Recommendation[]> {
  const personal = await selectPersonal(db, { userId, limit });
  const known = new Set(personal.map(({ id }) => id));
  const rest = limit - personal.length;
  if (rest === 0) return personal.map((row) => toRecommendation(config, row, row.why));
  // Either kind may give what the other lacks; and each may name what is there already.
  const asked = { userId, limit: limit + rest };
  const [trending, rated] = [await selectTrending(db, asked), await selectWellRated(db, asked)];
  const mixed = inTurn(
    trending.map((row) => ({ row, why: whyTrending(row.viewerCount) })),
    rated.map((row) => ({ row, why: whyRated(row.imdb) })),
  );
  const more = mixed.filter(({ row: { id } }) => !known.has(id) && known.add(id)).slice(0, rest);
  return [
    ...personal.map((row) => toRecommendation(config, row, row.why)),
    ...more.map(({ row, why }) => toRecommendation(config, row, why)),
  ];
}

/** What viewers do most with these days; where that is little, the most popular films of all follow. */
export async function trendingMovies(
  { db, config }: ReadDeps,
  { limit }: { limit: number },
): Promise<Recommendation[]> {
  const trending = await selectTrending(db, { userId: null, limit });
  const known = new Set(trending.map(({ id }) => id));
  const popular = known.size < limit ? await selectPopular(db, limit) : [];
  const more = popular.filter(({ id }) => !known.has(id)).slice(0, limit - known.size);
  return [
    ...trending.map((row) => toRecommendation(config, row, whyTrending(row.viewerCount))),
    ...more.map((row) => toRecommendation(config, row, POPULAR)),
  ];
}

/** The films for sale that came out, or came here, last. */
export async function newReleases(
  { db, config, clock }: ReadDeps & Pick<Deps, 'clock'>,
  { limit }: { limit: number },
): Promise<Recommendation[]> {
  const rows = await selectNewReleases(db, { today: clock.now().toISOString().slice(0, 10), limit });
  return rows.map((row) => toRecommendation(config, row, whyNew(row)));
}

const POPULAR: RecommendationWhy = { kind: 'popular', names: [], text: 'One of the most popular films of all' };

function whyTrending(viewerCount: number): RecommendationWhy {
  const viewers = `${viewerCount} viewer${viewerCount === 1 ? '' : 's'}`;
  return { kind: 'trending', names: [], text: `Trending: ${viewers} these days` };
}

function whyRated(imdb: number): RecommendationWhy {
  return { kind: 'rated', names: [], text: `Popular and well rated: ${imdb.toFixed(1)} at IMDb` };
}

function whyNew({ availableSince, releaseDate }: { availableSince: string; releaseDate: string | null }) {
  const day = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(availableSince));
  const what = releaseDate === availableSince ? 'Released on' : 'Here since';
  return { kind: 'new' as const, names: [], text: `${what} ${day}` };
}

function toRecommendation(config: Deps['config'], row: CardRow, why: RecommendationWhy): Recommendation {
  return { ...toCard(config, row), why };
}

function inTurn<Item>(one: Item[], other: Item[]): Item[] {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, index) => [
    ...one.slice(index, index + 1),
    ...other.slice(index, index + 1),
  ]).flat();
}

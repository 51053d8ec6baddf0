import type { RecommendationWhy } from '@online-cinema/contract/recommendations';
import type { Candidate } from './recommendations-candidates.ts';
import type { ActedFilm, Liking, Taste } from './recommendations-taste.ts';

/** A film to recommend, and why. */
export type Chosen = { movieId: string; why: RecommendationWhy };

/** Says why a film is recommended: by what of the viewer's taste speaks most for it. */
export function explain(
  { id, traitIds, nextTo }: Candidate,
  { taste, liked }: { taste: Taste; liked: ActedFilm[] },
): Chosen {
  const shared = traitIds
    .flatMap((traitId) => taste.get(traitId) ?? [])
    .toSorted((one, other) => other.weight - one.weight);
  const [directors, stars, genres] = (['director', 'star', 'genre'] as const).map((kind) =>
    shared.filter((liking) => liking.kind === kind),
  ) as [Liking[], Liking[], Liking[]];
  const reasons = [
    { weight: weightOf(directors), why: () => whyPerson('director', directors[0]!) },
    { weight: weightOf(stars), why: () => whyPerson('star', stars[0]!) },
    { weight: weightOf(genres), why: () => whyGenres(genres, liked) },
    {
      weight: nextTo?.likeness ?? 0,
      why: () => whyViewers(liked.find((film) => film.id === nextTo?.movieId)?.name ?? ''),
    },
  ];
  const [strongest] = reasons.toSorted((one, other) => other.weight - one.weight);
  return { movieId: id, why: strongest!.why() };
}

function weightOf(likings: Liking[]): number {
  return likings.reduce((sum, { weight }) => sum + weight, 0);
}

function whyPerson(kind: 'director' | 'star', { name }: Liking): RecommendationWhy {
  return { kind, names: [name], text: kind === 'director' ? `More by ${name}` : `More with ${name}` };
}

function whyViewers(name: string): RecommendationWhy {
  return { kind: 'viewers', names: [name], text: `Viewers who like ${name} like it too` };
}

const MOST_GENRES = 3;

function whyGenres(likings: Liking[], liked: ActedFilm[]): RecommendationWhy {
  const genres = likings.slice(0, MOST_GENRES);
  const names = genres.map(({ name }) => name);
  const all = new Intl.ListFormat('en').format(names).toLowerCase();
  const text = all.charAt(0).toUpperCase() + all.slice(1);
  // Of the films that share most of them, the one that tells most.
  const sharedBy = (film: ActedFilm) => genres.filter(({ movieIds }) => movieIds.includes(film.id)).length;
  const [nearest] = liked.toSorted((one, other) => sharedBy(other) - sharedBy(one));
  return { kind: 'genres', names, text: nearest ? `${text}, because ${describeAct(nearest)}` : text };
}

function describeAct({ name, isLiked, score, isFavorite, isWatched }: ActedFilm): string {
  if (isLiked) return `you liked ${name}`;
  if (isFavorite) return `${name} is one of your favourites`;
  if (score !== null && score > 6) return `you rated ${name} ${score} of 10`;
  return isWatched ? `you watched ${name}` : `you have ${name}`;
}

import { readFileSync } from 'node:fs';
import { SEED_CLIPS, type SeedClip } from './clips.ts';

/** One film of the seed catalogue. Its sources know neither cast, countries nor languages, so these are not here. */
export interface SeedMovie {
  name: string;
  year: number;
  /** Running time in minutes. */
  time: number;
  /** First release in the United States, `YYYY-MM-DD`; absent when only the year is known. */
  releaseDate?: string;
  /** 0–10, one decimal. */
  imdb: number;
  votes: number;
  /** Worldwide box office, US dollars in cents. */
  gross?: number;
  /** Production budget, US dollars in cents. */
  budget?: number;
  /** American certificate: G, PG, PG-13, R, NC-17, or Not Rated, as films are that came out before there were any. */
  certification: string;
  genres: string[];
  directors: string[];
  /** Two or three sentences made from the facts above. */
  description: string;
  /** US dollars in cents, or `null`: not for sale. */
  price: number | null;
  status: 'released';
}

/** Where the seed catalogue is kept. `reduce-movies.ts` makes it. */
export const SEED_MOVIES_FILE = new URL('data/movies.json', import.meta.url);

/** Reads the seed catalogue, oldest film first. */
export function readSeedMovies(): SeedMovie[] {
  const movies: SeedMovie[] = JSON.parse(readFileSync(SEED_MOVIES_FILE, 'utf8'));
  return movies;
}

/**
 * The clip to play in place of a film, or `undefined` for most: the 40 films with the most votes among those for sale have
 * one, the clips taking turns.
 */
export function clipFor(movie: MovieIdentity): SeedClip | undefined {
  watchable ??= assignClips();
  return watchable.get(identity(movie));
}

/** What is unique to a film. */
type MovieIdentity = Pick<SeedMovie, 'name' | 'year' | 'time'>;

const WATCHABLE_MOVIES = 40;
let watchable: ReadonlyMap<string, SeedClip> | undefined;

function assignClips(): ReadonlyMap<string, SeedClip> {
  const popular = readSeedMovies()
    .filter((movie) => movie.price !== null)
    .sort((left, right) => right.votes - left.votes)
    .slice(0, WATCHABLE_MOVIES);
  const clips = new Map<string, SeedClip>();
  for (const [rank, movie] of popular.entries()) {
    const clip = SEED_CLIPS[rank % SEED_CLIPS.length];
    if (clip) clips.set(identity(movie), clip);
  }
  return clips;
}

function identity({ name, time, year }: MovieIdentity): string {
  return JSON.stringify([name, year, time]);
}

import { createRandom, type Random } from '../catalogue/random.ts';
import { type BenchDatabase, PASSWORD, type Viewer } from './database.ts';

/** A call of the API, whichever way it is sent. */
export type Question = {
  /** The procedure over RPC. */
  procedure: string;
  type: 'query' | 'mutation';
  input: Record<string, unknown>;
  /** The same over REST: what of the input is not in the path is query or body. */
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  token?: string;
};

/** One of the requests that are measured. */
export type Case = {
  name: string;
  title: string;
  /** Beside one of the list: cheap ones are asked more often, to be measured as well. */
  share: number;
  /** Whether the answer is the caller's secret: two logins never give the same. */
  isUnique?: boolean;
  /** Answered by the cinema from memory: its other servers and the peers have none. */
  isRemembered?: boolean;
  /** Questions that one connection asks one after the other. */
  ask(random: Random, count: number, connection: number): Question[];
};

export function makeCases({ films, genres, viewers }: BenchDatabase): Case[] {
  const forSale = films.filter(({ isForSale }) => isForSale);
  const popular = films.slice(0, 50);
  const each = (make: (random: Random) => Question) => (random: Random, count: number) =>
    Array.from({ length: count }, () => make(random));
  return [
    {
      name: 'list',
      title: 'list of 20 with genres',
      share: 1,
      ask: each((random) => listMovies({ sort: random.of(['popularity', 'imdb']) })),
    },
    {
      name: 'filter',
      title: 'filter + sort',
      share: 1,
      ask: each((random) => {
        const yearFrom = random.between(1950, 2015);
        return listMovies({ genre: random.of(genres), yearFrom, yearTo: yearFrom + 9, sort: 'imdb' });
      }),
    },
    {
      name: 'search',
      title: 'search',
      share: 1,
      ask: each((random) => listMovies({ query: wordsOf(random.of(films).name, random) })),
    },
    { name: 'detail', title: 'film detail', share: 3, ask: each((random) => getMovie(random.of(films).id)) },
    { name: 'me', title: 'me (token + session)', share: 3, ask: each((random) => me(random.of(viewers))) },
    {
      name: 'cart',
      title: 'cart: add, remove',
      share: 1,
      // Nobody else touches the carts of one connection.
      ask: (random, count, connection) => {
        const owners = viewers.filter((_, index) => index % CONNECTIONS === connection);
        return Array.from({ length: Math.ceil(count / 2) }, () =>
          addAndRemove(random.of(owners), random.of(forSale).id),
        ).flat();
      },
    },
    {
      name: 'login',
      title: 'login (argon2id)',
      share: 0.1,
      isUnique: true,
      ask: (random, count, connection) => {
        const owners = viewers.filter((_, index) => index % CONNECTIONS === connection);
        return Array.from({ length: count }, () => login(random.of(owners)));
      },
    },
    {
      name: 'list-again',
      title: 'list, repeated',
      share: 3,
      isRemembered: true,
      ask: each((random) => listMovies({ sort: random.of(['popularity', 'imdb']) })),
    },
    {
      name: 'detail-again',
      title: 'film detail, repeated',
      share: 3,
      isRemembered: true,
      ask: each((random) => getMovie(random.of(popular).id)),
    },
  ];
}

/** How many requests are under way at once. */
export const CONNECTIONS = 16;

/** The same questions for everybody, other ones in each round; one list for each connection. */
export function ask(each: Case, { count, seed }: { count: number; seed: number }): Question[][] {
  const random = createRandom(seed);
  return Array.from({ length: CONNECTIONS }, (_, connection) =>
    each.ask(random, Math.ceil(count / CONNECTIONS), connection),
  );
}

// One or two of a title's words; the last is one that may be the beginning of others.
function wordsOf(title: string, random: Random): string {
  const words = title.toLowerCase().match(/\p{L}{4,}/gu) ?? ['lighthouse'];
  return words.slice(0, random.between(1, 2)).join(' ');
}

function listMovies(input: Record<string, unknown>): Question {
  return { procedure: 'movies.list', type: 'query', input: { ...input, limit: 20 }, method: 'GET', path: '/movies' };
}

function getMovie(movieId: string): Question {
  const path = `/movies/${movieId}`;
  return { procedure: 'movies.get', type: 'query', input: { movieId }, method: 'GET', path };
}

function me({ token }: Viewer): Question {
  return { procedure: 'accounts.me', type: 'query', input: {}, method: 'GET', path: '/accounts/me', token };
}

function addAndRemove({ token }: Viewer, movieId: string): Question[] {
  const call = { type: 'mutation', input: { movieId }, token } as const;
  return [
    { ...call, procedure: 'cart.add', method: 'POST', path: '/cart/items' },
    { ...call, procedure: 'cart.remove', method: 'DELETE', path: `/cart/items/${movieId}` },
  ];
}

function login({ email }: Viewer): Question {
  const input = { email, password: PASSWORD };
  return { procedure: 'accounts.login', type: 'mutation', input, method: 'POST', path: '/accounts/login' };
}

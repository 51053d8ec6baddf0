import { MovieListInput } from '@online-cinema/contract/catalogue';
import type { DB } from '@online-cinema/db/types.gen';
import { countFacets } from '@online-cinema/server/catalogue/facets';
import { listMovies } from '@online-cinema/server/catalogue/list';
import { similarMovies } from '@online-cinema/server/catalogue/similar';
import { suggest } from '@online-cinema/server/catalogue/suggest';
import type { Deps } from '@online-cinema/server/deps';
import type { Kysely } from 'kysely';
import { selectName } from './plans.ts';

/** Something that is asked of the catalogue; `run` gives how much came back. */
export type Case = { name: string; run: () => Promise<number> };

type CatalogueDeps = Pick<Deps, 'db' | 'config'>;

/** Everything that lists, searches and suggests: commonest and rarest names, first pages and later ones. */
export async function makeCases(deps: CatalogueDeps): Promise<Case[]> {
  return [...(await listCases(deps)), ...searchCases(deps), ...(await facetCases(deps)), ...(await nameCases(deps))];
}

type Filters = Partial<MovieListInput>;

/** A list, `page` pages of 20 on. */
function listCase(deps: CatalogueDeps, name: string, filters: Filters, page = 1): Case {
  let cursor: string | undefined;
  let passed = 1;
  return {
    name: page === 1 ? name : `${name}, page ${page}`,
    run: async () => {
      // The way there is gone once, before it is measured.
      for (; passed < page; passed += 1) {
        const { nextCursor } = await listMovies(deps, MovieListInput.parse({ ...filters, ...(cursor && { cursor }) }));
        cursor = nextCursor ?? undefined;
      }
      return (await listMovies(deps, MovieListInput.parse({ ...filters, ...(cursor && { cursor }) }))).items.length;
    },
  };
}

async function listCases(deps: CatalogueDeps): Promise<Case[]> {
  const { db } = deps;
  const list = (name: string, filters: Filters, page?: number) => listCase(deps, name, filters, page);
  const sorts = ['popularity', 'imdb', 'year', 'price', 'rating', 'title', 'newest'] as const;
  const filters: Case[] = [];
  for (const [filter, kind] of KINDS) {
    for (const which of ['common', 'rare'] as const) {
      const name = await selectName(db, kind, which);
      filters.push(list(`${which} ${filter}`, { [filter]: [name] }));
      if (filter === 'genre' || filter === 'star') {
        filters.push(list(`${which} ${filter} by title`, { [filter]: [name], sort: 'title' }));
      }
    }
  }
  const genre = await selectName(db, 'genres', 'common');
  const rareGenre = await selectName(db, 'genres', 'rare');
  const star = await selectName(db, 'stars', 'common');
  return [
    ...sorts.map((sort) => list(`all by ${sort}`, { sort })),
    ...sorts.map((sort) =>
      list(`all by ${sort}, other way`, { sort, order: sort === 'price' || sort === 'title' ? 'desc' : 'asc' }),
    ),
    list('all by popularity', {}, 50),
    list('all by price', { sort: 'price' }, 50),
    ...filters,
    list('one year', { yearFrom: 1999, yearTo: 1999 }),
    list('before 1920', { yearTo: 1919 }),
    list('rating from 9', { imdbMin: 9 }),
    list('price from 19.99', { priceMin: 1999, sort: 'price' }),
    list('in production', { status: ['in_production'] }),
    list('common genre, decade, by rating', { genre: [genre], yearFrom: 1990, yearTo: 1999, sort: 'imdb' }),
    list('common and rare genre, cheap', { genre: [genre, rareGenre], priceMax: 499 }),
    list('common genre and star, by year', { genre: [genre], star: [star], sort: 'year' }),
    list('common genre, rare decade, by newest', { genre: [genre], yearTo: 1919, sort: 'newest' }),
  ];
}

const KINDS = [
  ['genre', 'genres'],
  ['star', 'stars'],
  ['director', 'directors'],
  ['certification', 'certifications'],
  ['country', 'countries'],
  ['language', 'languages'],
] as const;

function searchCases(deps: CatalogueDeps): Case[] {
  const search = (what: string, query: string, more: Filters = {}, page?: number) =>
    listCase(deps, `search: ${what}`, { query, ...more }, page);
  return [
    search('rare word', 'taxidermist lighthouse'),
    search('some thousand films', 'taxidermist'),
    search('some thousand films', 'taxidermist', {}, 20),
    search('common word', 'love'),
    search('common word', 'love', {}, 20),
    search('common word, by title', 'love', { sort: 'title' }),
    search('common word in a rare genre', 'love', { genre: ['Science Fiction'] }),
    search('common words', 'the love of the war'),
    search('person', 'natalia marin'),
    search('rare person', 'kwame ibárastrawood'),
    search('beginning', 'taxid'),
    search('common beginning', 'mar'),
    search('beginning of a title', 'the lighthouse of ka'),
    search('stop word', 'the'),
    search('stop word that is a title', 'it'),
    search('one letter', 'h'),
    search('phrase', '"lighthouse near"'),
    search('all but a word', 'lighthouse -love'),
    search('nothing but without a word', '-love'),
    search('misspelt title', 'taxidermsit of marin'),
    search('misspelt person', 'beatirz petdan'),
    search('nothing like it', 'xqzvw kjhgf'),
    search('hostile', '%_ \\ \' "" | & ! :* <-> ()'),
  ];
}

async function facetCases(deps: CatalogueDeps): Promise<Case[]> {
  const facets = (what: string, filters: Parameters<typeof countFacets>[1]): Case => ({
    name: `facets: ${what}`,
    run: async () => (await countFacets(deps, filters)).total,
  });
  const genre = [await selectName(deps.db, 'genres', 'common')];
  return [
    facets('everything', {}),
    facets('common genre', { genre }),
    facets('rare genre', { genre: [await selectName(deps.db, 'genres', 'rare')] }),
    facets('rare star', { star: [await selectName(deps.db, 'stars', 'rare')] }),
    facets('decade and genre', { genre, yearFrom: 1990, yearTo: 1999 }),
    facets('common word', { query: 'love' }),
    facets('rare word', { query: 'taxidermist lighthouse' }),
    facets('misspelt title', { query: 'taxidermsit of marin' }),
  ];
}

async function nameCases(deps: CatalogueDeps): Promise<Case[]> {
  const suggestion = (query: string): Case => ({
    name: `suggest: ${query}`,
    run: async () => (await suggest(deps, query)).length,
  });
  const similar = async (what: string, order: 'asc' | 'desc'): Promise<Case> => {
    const movieId = await selectByVotes(deps.db, order);
    return { name: `similar: ${what}`, run: async () => (await similarMovies(deps, movieId)).length };
  };
  const typed = [
    'th',
    'ma',
    'lo',
    'xy',
    'sto',
    'love',
    'the lighthouse',
    'taxi',
    'john mar',
    'lighthuose',
    'beatirz petdan',
  ];
  return [...typed.map(suggestion), await similar('best known film', 'desc'), await similar('least known film', 'asc')];
}

async function selectByVotes(db: Kysely<DB>, order: 'asc' | 'desc'): Promise<string> {
  const { id } = await db
    .selectFrom('movies')
    .where('withdrawnAt', 'is', null)
    .orderBy('votes', order)
    .select('id')
    .limit(1)
    .executeTakeFirstOrThrow();
  return id;
}

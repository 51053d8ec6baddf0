import type { MovieListInput, MoviePage, MovieSort } from '@online-cinema/contract/catalogue';
import type { Db } from '@online-cinema/db/open';
import { type Expression, type RawBuilder, sql, type SqlBool } from 'kysely';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { compileOnce, type Placeholders } from '../lib/compiled.ts';
import { countCapped, isAfter, isCursorOf, orderBy, type Position, readPage, type Sort } from '../lib/paging.ts';
import { cardColumns, toCard } from './cards.ts';
import { countListed } from './count.ts';
import { IS_LISTED, readFilters } from './filters.ts';
import { LIFT, matching, type Matching, type Relevance, SEARCH_MODES, type SearchMode } from './search.ts';

/**
 * A page of the catalogue.
 *
 * @throws AppError `invalid_cursor`.
 */
export async function listMovies(
  deps: Pick<Deps, 'db' | 'config'>,
  input: MovieListInput,
): Promise<z.infer<typeof MoviePage>> {
  return await readMovies(deps, null, input);
}

/** Some films of the catalogue, chosen by somebody one by one, which are listed as all of it is. */
export type Part = {
  name: string;
  /** Whose films they are: a cursor is good for no other's. */
  of: string;
  /** A select, in parentheses, of the rows of `movies`, each with `added_at`. */
  films: RawBuilder<unknown>;
};

/**
 * A page of a part of the catalogue; the last film added comes first, unless told otherwise.
 *
 * @throws AppError `invalid_cursor`.
 */
export async function listPart(
  deps: Pick<Deps, 'db' | 'config'>,
  part: Part,
  input: PartInput,
): Promise<z.infer<typeof MoviePage>> {
  return await readMovies(deps, part, input);
}

type SortName = MovieSort | 'added';
type PartInput = Omit<MovieListInput, 'sort'> & { sort?: SortName | undefined };

async function readMovies(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  part: Part | null,
  { limit, cursor, direction: _direction, sort: asked, order, ...filters }: PartInput,
): Promise<z.infer<typeof MoviePage>> {
  // No words are searched for, however that is said.
  const words = filters.query || undefined;
  const name = sortName(asked, words, part);
  const list = part?.name ?? 'movies';
  const bound = (mode?: SearchMode) => ({ list, of: part?.of, by: name, ...filters, query: words, mode });
  const mode = SEARCH_MODES.find(
    (each) =>
      cursor !== undefined && isCursorOf(cursor, { query: bound(each), sort: { order: order ?? orderOf(name) } }),
  );
  const match = words === undefined ? null : await matching(db, words, mode);
  const filtering = await readFilters(db, config, filters, match);
  const sort = movieSort(name, order, match?.relevance);
  const conditions = [IS_LISTED, ...filtering.conditions];
  const films = part?.films ?? sql.table('movies');
  return await readPage(
    { limit, cursor },
    {
      query: bound(match?.mode),
      sort,
      select: (position, count) => selectMoviePage(db, { films, sort, conditions, match, position, limit: count }),
      count: () => (part ? countPart(db, films, conditions) : countListed(db, filtering)),
      toItem: (row) => toCard(config, row),
    },
  );
}

type Sorting = Pick<Sort, 'by' | 'type' | 'nullable'> & { order: 'asc' | 'desc' };

/** What films are sorted by, and in which order unless told otherwise. `added` is for parts. */
export const SORTS: Record<Exclude<SortName, 'relevance'>, Sorting> = {
  price: { by: sql.ref('movies.priceAmount'), type: 'bigint', order: 'asc', nullable: true },
  year: { by: sql.ref('movies.year'), type: 'integer', order: 'desc' },
  imdb: { by: sql.ref('movies.imdb'), type: 'numeric', order: 'desc' },
  popularity: { by: sql.ref('movies.votes'), type: 'bigint', order: 'desc' },
  rating: { by: sql.ref('movies.ratingAverage'), type: 'numeric', order: 'desc', nullable: true },
  title: { by: sql`movies.name collate titles`, type: 'text', order: 'asc' },
  newest: { by: sql.ref('movies.createdAt'), type: 'timestamptz', order: 'desc' },
  added: { by: sql.ref('movies.addedAt'), type: 'timestamptz', order: 'desc' },
};

/** What films are sorted by, where nothing or nonsense is asked for: relevance without words has nothing to weigh. */
function sortName(asked: SortName | undefined, words: string | undefined, part: Part | null): SortName {
  if (words !== undefined) return asked ?? 'relevance';
  // Of the whole catalogue, what most people voted for comes first.
  const usual = part ? 'added' : 'popularity';
  return asked === undefined || asked === 'relevance' ? usual : asked;
}

function orderOf(name: SortName): 'asc' | 'desc' {
  return name === 'relevance' ? 'desc' : SORTS[name].order;
}

type MovieOrder = Sort & Pick<Relevance, 'first'>;

/** How films are sorted. Each sort walks an index of `movies`, relevance excepted. */
function movieSort(name: SortName, order: 'asc' | 'desc' = orderOf(name), relevance?: Relevance): MovieOrder {
  const by = name === 'relevance' ? relevance : SORTS[name];
  return { ...(by ?? SORTS.popularity), order, id: sql.ref('movies.id') };
}

type PageOfMovies = {
  films: RawBuilder<unknown>;
  sort: MovieOrder;
  conditions: Expression<SqlBool>[];
  match: Matching | null;
  position: Position | null;
  limit: number;
};

// The page's ids first, then what is shown of these few: which films these are depends on what is asked for, and is planned
// each time. To plan what is shown of them as well would cost more than to read it.
async function selectMoviePage(db: Db, page: PageOfMovies, triesLeft = 2) {
  type Place = { cursorId: string; cursorKey: string | null };
  const ordered = sql<Place>`select cursor_id, cursor_key from ${selectPlaces(page)} page order by place`;
  const { rows: places } = await ordered.execute(db);
  const ids = places.map(({ cursorId }) => cursorId);
  const { rows: cards } = await db.executeQuery(cardsOf(db, { ids }));
  // One of them was deleted meanwhile: the next one moves up.
  if (cards.length < places.length && triesLeft > 0) return await selectMoviePage(db, page, triesLeft - 1);
  const cardOf = new Map(cards.map((card) => [card.id, card]));
  return places.flatMap((place) => {
    const card = cardOf.get(place.cursorId);
    return card ? [{ ...card, ...place }] : [];
  });
}

const cardsOf = compileOnce((db, { ids }: Placeholders<{ ids: string[] }>) =>
  db
    .selectFrom('movies')
    .where('movies.id', '=', sql<string>`any(${ids}::uuid[])`)
    .select((eb) => cardColumns(eb)),
);

const LIMIT_STEP = 26;

function selectPlaces({ films, sort, conditions, match, position, limit }: PageOfMovies) {
  // In the text: of a limit it does not know Postgres expects a tenth of all films, and then never keeps the plan. In steps,
  // so that there are few texts.
  const walkedRows = sql.lit(LIMIT_STEP * Math.ceil(limit / LIMIT_STEP));
  const walk = (where: Expression<SqlBool>[], after: Position | null, lift = 0) => sql`(
    select movies.id as cursor_id, ${lift === 0 ? sort.by : sql`(${sort.by} + ${sql.lit(lift)}::bigint)`} as key
    from ${films} movies where ${sql.join(after ? [...where, isAfter(sort, after)] : where, sql` and `)}
    order by ${orderBy(sort)} limit ${walkedRows})`;
  const { first } = sort;
  // Each part walks its own index, and the page is made of the first of both.
  const walked = first
    ? sql`${walk([first, ...conditions.filter((each) => each !== match?.condition)], lower(position), LIFT)}
        union all ${walk([...conditions, sql<SqlBool>`not ${first}`], position)}`
    : walk(conditions, position);
  const order = orderBy({ ...sort, by: sql.ref('key'), id: sql.ref('cursor_id') });
  return sql<{ cursorId: string; cursorKey: string | null; place: number }>`(
    select cursor_id, key::text as cursor_key, row_number() over (order by ${order}) as place
    from (${walked}) walked order by place limit ${limit})`;
}

async function countPart(db: Db, films: RawBuilder<unknown>, conditions: Expression<SqlBool>[]): Promise<number> {
  const where = sql.join(conditions, sql` and `);
  return await countCapped(db, { limit: (count) => sql`(select from ${films} movies where ${where} limit ${count})` });
}

// Where a page starts among films whose keys are lifted: before them all, after them all, or among them.
function lower(position: Position | null): Position | null {
  return position?.key == null ? position : { ...position, key: String(Number(position.key) - LIFT) };
}

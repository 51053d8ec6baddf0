import type { MovieFacets, MovieFilters } from '@online-cinema/contract/catalogue';
import type { Db } from '@online-cinema/db/open';
import { type Expression, type RawBuilder, sql, type SqlBool } from 'kysely';
import type { Deps } from '../deps.ts';
import { TOTAL_CAP } from '../lib/paging.ts';
import { isSurelyAboveCap } from './count.ts';
import { IS_LISTED, readFilters } from './filters.ts';
import { matching } from './search.ts';

/** The facets, and the filters that each ignores: its own. */
const OWN_FILTERS = {
  genres: ['genre'],
  certifications: ['certification'],
  decades: ['yearFrom', 'yearTo'],
  prices: ['priceMin', 'priceMax'],
} as const satisfies Record<string, (keyof MovieFilters)[]>;
type Facet = keyof typeof OWN_FILTERS;
const FACETS = Object.keys(OWN_FILTERS) as Facet[];

/**
 * Counts the films under some filters by genre, certification, decade and price; estimated where surely more than 10,000
 * match. A facet whose own filter is set is counted without that, the others under all.
 */
export async function countFacets(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  filters: MovieFilters,
): Promise<MovieFacets> {
  const match = filters.query ? await matching(db, filters.query) : null;
  const mayFindMany = match === null || match.mode === 'popular';
  const isFiltered = (facet: Facet) => OWN_FILTERS[facet].some((name) => filters[name] !== undefined);
  const select = async (facets: Facet[], under: MovieFilters): Promise<Selection> => {
    const { conditions, atMost } = await readFilters(db, config, under, match);
    return { facets, conditions: [IS_LISTED, ...conditions], mayBeMany: mayFindMany && atMost > TOTAL_CAP };
  };
  const selections = await Promise.all([
    select(
      FACETS.filter((facet) => !isFiltered(facet)),
      filters,
    ),
    ...FACETS.filter(isFiltered).map((facet) => {
      const without = OWN_FILTERS[facet].map((name) => [name, undefined]);
      return select([facet], { ...filters, ...Object.fromEntries(without) });
    }),
  ]);
  const samples = await takeSamples(db, selections, config.currency);
  const sampleOf = (facet: Facet) => samples[selections.findIndex(({ facets }) => facets.includes(facet))]!;
  const [shared] = samples;
  return {
    total: scale(shared!, shared!.count),
    isEstimate: samples.some(({ share }) => share < 1),
    genres: scaleAll(sampleOf('genres'), sampleOf('genres').genres),
    certifications: scaleAll(sampleOf('certifications'), sampleOf('certifications').certifications),
    decades: scaleAll(sampleOf('decades'), sampleOf('decades').decades),
    prices: scaleAll(sampleOf('prices'), bandsOf(sampleOf('prices').prices)),
  };
}

/** Films that some facets are made of. */
type Selection = {
  facets: Facet[];
  /** All must hold. */
  conditions: Expression<SqlBool>[];
  /** False where the counters of names, or how the search was answered, tell that they are few. */
  mayBeMany: boolean;
};

type Counted<Fields> = Fields & { count: number };

/** What the films of a selection are made of, or a fair share of them. */
type Sample = {
  count: number;
  /** How large the share is; 1: these are all. */
  share: number;
  genres: Counted<{ id: string; name: string }>[];
  certifications: Counted<{ id: string; name: string }>[];
  decades: Counted<{ yearFrom: number; yearTo: number }>[];
  /** By amount, ascending. */
  prices: Counted<{ amount: number }>[];
};

/** One look at the films of lowest lot serves all selections that are large; the others are counted one by one. */
async function takeSamples(db: Db, selections: Selection[], currency: string): Promise<Sample[]> {
  const large = selections.filter(({ mayBeMany }) => mayBeMany);
  const looks = large.length === 0 ? [] : await lookAtLowest(db, large, currency);
  return await Promise.all(
    selections.map(async (selection) => {
      const look = looks[large.indexOf(selection)];
      const isEnough = look && (look.share === 1 || isSurelyAboveCap(look));
      return isEnough ? look : await countUpToCap(db, selection, currency);
    }),
  );
}

/** What is read of a film to count it. */
const COLUMNS = sql`tag_ids, certification_id, year, price_amount, price_currency, lot`;
const LOWEST = 10_000;

// Lots are random: the share of them that was looked at has the same share of any selection.
async function lookAtLowest(db: Db, selections: Selection[], currency: string): Promise<Sample[]> {
  const flags = selections.map((_, place) => sql.ref(`in_${place}`));
  const conditions = selections.map(
    (each, place) => sql`(${sql.join(each.conditions, sql` and `)}) as ${flags[place]}`,
  );
  const rows = selections.map(
    ({ facets }, place) => sql`
      select ${makeUp(sql`(select * from lowest where ${flags[place]}) sample`, facets, currency)},
        ${sql.lit(place)} as place, (select count(*)::int from lowest) as looked,
        (select coalesce(max(lot), 0)::float8 from lowest) as "lastLot"`,
  );
  const result = await sql<Omit<Sample, 'share'> & { looked: number; lastLot: number }>`
    with lowest as materialized (
      select ${COLUMNS}, ${sql.join(conditions)}
      from (select * from movies where ${IS_LISTED} order by lot limit ${LOWEST}) movies
    )
    ${sql.join(rows, sql` union all `)} order by place`.execute(db);
  return result.rows.map(({ looked, lastLot, ...sample }) => ({ ...sample, share: looked < LOWEST ? 1 : lastLot }));
}

async function countUpToCap(db: Db, { facets, conditions }: Selection, currency: string): Promise<Sample> {
  const result = await sql<Omit<Sample, 'share'> & { lastLot: number }>`
    with sample as materialized (
      select ${COLUMNS} from movies where ${sql.join(conditions, sql` and `)} order by lot limit ${TOTAL_CAP + 1}
    )
    select ${makeUp(sql`sample`, facets, currency)}, (select coalesce(max(lot), 0)::float8 from sample) as "lastLot"
  `.execute(db);
  const { lastLot, ...sample } = result.rows[0]!;
  return { ...sample, share: sample.count > TOTAL_CAP ? lastLot : 1 };
}

/** The columns of a {@link Sample}, of films called `sample`. Facets that are not asked for are empty. */
function makeUp(films: RawBuilder<unknown>, facets: Facet[], currency: string): RawBuilder<unknown> {
  const lists: Record<Facet, RawBuilder<unknown>> = {
    genres: sql`
      select named.id, named.name, count(*)
      from ${films} cross join unnest(tag_ids) tag_id join genres named on named.id = tag_id
      group by named.id order by 3 desc, lower(named.name) limit 100`,
    certifications: sql`
      select named.id, named.name, counted.count
      from (select certification_id, count(*) from ${films} group by 1) counted
      join certifications named on named.id = counted.certification_id
      order by 3 desc, lower(named.name) limit 100`,
    decades: sql`
      select year / 10 * 10 as "yearFrom", year / 10 * 10 + 9 as "yearTo", count(*)
      from ${films} group by year / 10 order by 1`,
    prices: sql`
      select price_amount as amount, count(*) from ${films} where price_currency = ${currency}
      group by price_amount order by 1`,
  };
  const columns = FACETS.map((facet) => {
    const list = facets.includes(facet)
      ? sql`(select coalesce(jsonb_agg(to_jsonb(entry)), '[]') from (${lists[facet]}) entry)`
      : sql`'[]'::jsonb`;
    return sql`${list} as ${sql.ref(facet)}`;
  });
  return sql`${sql.join(columns)}, (select count(*)::int from ${films}) as count`;
}

function scale({ share }: Sample, count: number): number {
  return share < 1 ? Math.round(count / share) : count;
}

function scaleAll<Entry extends { count: number }>(sample: Sample, entries: Entry[]): Entry[] {
  return entries.map((entry) => ({ ...entry, count: scale(sample, entry.count) }));
}

const BANDS = 5;

/** Sorts prices into bands of one round width, so that nine of ten films lie below the last, which is open above. */
function bandsOf(prices: Sample['prices']): MovieFacets['prices'] {
  const width = roundUp(ninthDecile(prices) / (BANDS - 1));
  const bands = Array.from({ length: BANDS }, (_, index) => ({
    priceMin: index * width,
    priceMax: index === BANDS - 1 ? null : (index + 1) * width - 1,
    count: 0,
  }));
  for (const { amount, count } of prices) {
    const band = bands[Math.min(Math.floor(amount / width), BANDS - 1)];
    if (band) band.count += count;
  }
  return bands.filter((band) => band.count > 0);
}

function ninthDecile(prices: Sample['prices']): number {
  const total = prices.reduce((sum, { count }) => sum + count, 0);
  let below = 0;
  for (const { amount, count } of prices) {
    below += count;
    if (below >= total * 0.9) return amount;
  }
  return 0;
}

/** The next of 1, 2, 5, 10, 20, 50, …: round in every currency, whatever its minor unit. */
function roundUp(amount: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(amount, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= amount) ?? 1;
}

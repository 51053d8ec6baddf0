// What the cinema asks of Postgres, by hand: the same columns, counts and order. Statements that select many columns have a
// name, and are planned once; those whose best plan depends on what is asked for are short.

const LISTED = 'movies.withdrawn_at is null';

const SORTS = {
  popularity: 'movies.votes',
  imdb: 'movies.imdb',
  year: 'movies.year',
  newest: 'movies.created_at',
} as const;
type SortName = keyof typeof SORTS;
export const SORT_NAMES = Object.keys(SORTS) as SortName[];

/** The ids and sort keys of 20 films and one more, with the total beside each, of all films by one of {@link SORTS}. */
export function listSql(sort: SortName): string {
  return pageSql(SORTS[sort], LISTED);
}

/** The same of the films of some genres ($1: ids) from a year ($2) to another ($3), by rating. */
export const FILTER = pageSql(
  SORTS.imdb,
  `${LISTED} and movies.tag_ids && $1::uuid[] and movies.year >= $2 and movies.year <= $3`,
);

function pageSql(key: string, where: string): string {
  return `
    select id, key::text,
      (select count(*)::int from (select from movies where ${where} limit 10001) counted) as total
    from (
      select movies.id, ${key} as key from movies where ${where} order by key desc, movies.id desc limit 21
    ) walked
    order by walked.key desc, id desc`;
}

/** The ids of genres by their names ($1). */
export const GENRE_IDS = `
  select genres.id from unnest($1::text[]) given(name) join genres on lower(genres.name) = lower(given.name)`;

/** Reads a search for words and nothing else: all of them, those before the last, the last, and what begins so. */
export function searchParameters(query: string): string[] {
  const last = query.slice(query.lastIndexOf(' ') + 1);
  return [query, query.slice(0, query.length - last.length), last, `${last}:*`];
}

/** What a search looks for, as text; the parameters are those of {@link searchParameters}. */
export const WORDS = wordsSql();

function wordsSql(): string {
  const words = (config: string) => `case
    when websearch_to_tsquery('${config}', $3) = websearch_to_tsquery('cinema_names', $3)
    then websearch_to_tsquery('${config}', $2) && to_tsquery('cinema_names', $4)
    else websearch_to_tsquery('${config}', $1)
      || (websearch_to_tsquery('${config}', $2) && to_tsquery('cinema_names', $4)) end`;
  return `select search_key($1) as title, (case when numnode(websearch_to_tsquery('cinema', $1)) > 0
    then ${words('cinema')} else ${words('cinema_names')} end)::text as words`;
}

/** The films with {@link WORDS} ($1, $2: `words`, `title`), the best first, of no more than 10,000 that have them. */
export const SEARCH = `
  with found as materialized (
    select id, ((
        ((title_key collate "C" = $2)::int * 2 + starts_with(title_key, $2)::int) * 1000
        + round(100 * ts_rank('{0.05, 0.1, 0.4, 1}', search, $1::tsquery))::bigint
      ) * 2147483648::bigint + votes) as key
    from movies where ${LISTED} and search @@ $1::tsquery limit 10001
  )
  select id, key::text, (select count(*)::int from found) as total
  from found order by found.key desc, id desc limit 21`;

/** The cards of films by their ids ($1), in that order. */
export function cardsSql(publicUrl: string): string {
  return `select ${cardColumns(publicUrl)} from unnest($1::uuid[]) with ordinality asked(id, place)
    join movies on movies.id = asked.id order by asked.place`;
}

/** A film of the lists by its id ($1), with everything about it. */
export function filmSql(publicUrl: string): string {
  return `select ${cardColumns(publicUrl, 1_000)}, movies.description, movies.like_count as "likeCount",
      movies.dislike_count as "dislikeCount", movies.favorite_count as "favoriteCount",
      movies.comment_count as "commentCount"
    from movies where movies.id = $1 and ${LISTED}`;
}

// The fields of a card under the names of the API.
function cardColumns(publicUrl: string, stars = 3): string {
  return `movies.id, movies.slug, movies.name, movies.year, movies.time, movies.imdb, movies.status, movies.votes,
    movies.rating_average as "ratingAverage", movies.rating_count as "ratingCount", movies.has_video as "hasVideo",
    movies.release_date as "releaseDate", movies.meta_score as "metaScore",
    movies.created_at as "createdAt", movies.updated_at as "updatedAt",
    ${['price', 'gross', 'budget'].map(money).join(', ')}, ${posterUrl(publicUrl)} as "posterUrl",
    case when exists (select from media_assets asset where asset.movie_id = movies.id
      and asset.kind = 'trailer' and asset.status = 'ready')
      then '${publicUrl}/api/v1/movies/' || movies.id || '/trailer/play' end as trailer,
    (select json_build_object('id', c.id, 'name', c.name) from certifications c
      where c.id = movies.certification_id) as certification,
    ${[named('genre'), named('director'), named('star', stars), named('country'), named('language')].join(', ')}`;
}

function money(kind: string): string {
  return `case when movies.${kind}_amount is not null and movies.${kind}_currency is not null
    then json_build_object('amount', movies.${kind}_amount, 'currency', movies.${kind}_currency) end as ${kind}`;
}

function posterUrl(publicUrl: string): string {
  return `case when movies.poster_key is null
    then '${publicUrl}/posters/' || movies.id || '.svg?v=' || movies.poster_version
    else '${publicUrl}/' || movies.poster_key end`;
}

function named(kind: string, limit?: number): string {
  const plural = kind === 'country' ? 'countries' : `${kind}s`;
  return `coalesce((
    select json_agg(json_build_object('id', entry.id, 'name', entry.name) order by entry.position) from (
      select named.id, named.name, link.position from movie_${plural} link
      join ${plural} named on named.id = link.${kind}_id
      where link.movie_id = movies.id order by link.position ${limit === undefined ? '' : `limit ${limit}`}
    ) entry), '[]') as ${plural}`;
}

/** Whose session ($1) of a user ($2) lives. */
export const SESSION = `
  select users.id as "userId", users.role from sessions join users on users.id = sessions.user_id
  where sessions.id = $1 and sessions.user_id = $2 and sessions.expires_at > now() and users.is_active`;

/** The same with all that its owner is told of the account. */
export function meSql(publicUrl: string): string {
  return `
    select users.id, users.email, users.role, users.is_active as "isActive", users.created_at as "createdAt",
      users.totp_enabled_at is not null as "totpEnabled",
      json_build_object('firstName', profiles.first_name, 'lastName', profiles.last_name, 'gender', profiles.gender,
        'dateOfBirth', profiles.date_of_birth, 'info', profiles.info,
        'avatarUrl', '${publicUrl}/' || profiles.avatar_key) as profile
    from sessions join users on users.id = sessions.user_id join profiles on profiles.user_id = users.id
    where sessions.id = $1 and sessions.user_id = $2 and sessions.expires_at > now() and users.is_active`;
}

/** The lines of a user's ($1) cart, oldest first. */
export function cartSql(publicUrl: string): string {
  return `
    select json_build_object('id', movies.id, 'slug', movies.slug, 'name', movies.name, 'year', movies.year,
        'genres', genres, 'posterUrl', ${posterUrl(publicUrl)}) as movie, price, cart_items.added_at as "addedAt",
      movies.withdrawn_at is null and price_currency = 'USD' and not exists (
        select from library_movies owned where owned.movie_id = movies.id and owned.user_id = $1
      ) and not exists (
        select from order_items join orders on orders.id = order_items.order_id
        where order_items.movie_id = movies.id and orders.user_id = $1 and orders.status = 'pending'
      ) as available
    from cart_items join movies on movies.id = cart_items.movie_id
      cross join lateral (select ${named('genre')}, ${money('price')}) shown
    where cart_items.user_id = $1 order by cart_items.added_at, movies.id`;
}

/** The code of the promotion in a user's ($1) cart. */
export const CART_PROMO = 'select code from cart_promos where user_id = $1';

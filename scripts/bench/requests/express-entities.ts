import { DataSource, EntitySchema, type EntitySchemaColumnOptions, type EntitySchemaRelationOptions } from 'typeorm';

// The tables as TypeORM is told of them where there are no decorators. Lists keep an order, so that each link is an
// entity of its own.

export type Named = { id: string; name: string };
type Link = { position: number; named: Named };
export type Film = {
  id: string;
  slug: string;
  name: string;
  year: number;
  time: number;
  imdb: number;
  votes: number;
  status: string;
  description: string;
  metaScore: number | null;
  releaseDate: string | null;
  priceAmount: number | null;
  priceCurrency: string | null;
  grossAmount: number | null;
  grossCurrency: string | null;
  budgetAmount: number | null;
  budgetCurrency: string | null;
  ratingAverage: number | null;
  ratingCount: number;
  hasVideo: boolean;
  posterKey: string | null;
  posterVersion: string;
  likeCount: number;
  dislikeCount: number;
  favoriteCount: number;
  commentCount: number;
  createdAt: Date;
  updatedAt: Date;
  withdrawnAt: Date | null;
  certification: Named;
  genres: Link[];
  directors: Link[];
  stars: Link[];
  countries: Link[];
  languages: Link[];
};
export type User = {
  id: string;
  email: string;
  role: string;
  isActive: boolean;
  passwordHash: string | null;
  totpEnabledAt: Date | null;
  createdAt: Date;
  profile: Profile;
};
export type Profile = {
  userId: string;
  firstName: string | null;
  lastName: string | null;
  gender: string | null;
  dateOfBirth: string | null;
  info: string | null;
  avatarKey: string | null;
};
export type Session = {
  id: string;
  userId: string;
  idleExpiresAt: Date;
  expiresAt: Date;
  ip: string | null;
  userAgent: string | null;
  user: User;
};
export type CartItem = { userId: string; movieId: string; addedAt: Date; movie: Film };
export type LibraryMovie = { userId: string; movieId: string };
export type Order = { id: string; userId: string; status: string };
export type OrderItem = { orderId: string; movieId: string; order: Order };

const toNumber = {
  from: (value: string | null) => (value === null ? null : Number(value)),
  to: (value: unknown) => value,
};
const id = { type: 'uuid', primary: true, generated: 'uuid' } as const;
const key = { type: 'uuid', primary: true } as const;
const text = { type: 'text' } as const;
const whole = { type: 'integer' } as const;
const large = { type: 'bigint', transformer: toNumber } as const;
const decimal = { type: 'numeric', transformer: toNumber } as const;
const moment = { type: 'timestamptz' } as const;
const yes = { type: 'boolean' } as const;

const day = { type: 'date' } as const;

function all(column: EntitySchemaColumnOptions, ...names: string[]): Record<string, EntitySchemaColumnOptions> {
  return Object.fromEntries(names.map((name) => [name, column]));
}

const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function entity<Row extends object>(
  name: string,
  tableName: string,
  columns: Record<string, EntitySchemaColumnOptions>,
  relations: Record<string, EntitySchemaRelationOptions> = {},
): EntitySchema<Row> {
  const named = Object.entries(columns).map(([property, column]) => [
    property,
    { ...column, name: snakeCase(property) },
  ]);
  return new EntitySchema<Row>({ name, tableName, columns: Object.fromEntries(named), relations });
}

function belongsTo(target: string, column: string): EntitySchemaRelationOptions {
  return { type: 'many-to-one', target, joinColumn: { name: column } };
}

const KINDS = { genre: 'genres', director: 'directors', star: 'stars', country: 'countries', language: 'languages' };
const links = Object.entries(KINDS).flatMap(([kind, plural]) => [
  entity<Named>(kind, plural, { id, name: text }),
  entity<Link>(
    `film-${kind}`,
    `movie_${plural}`,
    { movieId: key, [`${kind}Id`]: key, position: whole },
    {
      movie: { ...belongsTo('film', 'movie_id'), inverseSide: plural },
      named: belongsTo(kind, `${kind}_id`),
    },
  ),
]);

export const Films = entity<Film>(
  'film',
  'movies',
  {
    id,
    ...all(text, 'slug', 'name', 'status', 'description', 'posterKey', 'posterVersion'),
    ...all(text, 'priceCurrency', 'grossCurrency', 'budgetCurrency'),
    ...all(whole, 'year', 'time', 'metaScore', 'ratingCount'),
    ...all(whole, 'likeCount', 'dislikeCount', 'favoriteCount', 'commentCount'),
    ...all(large, 'votes', 'priceAmount', 'grossAmount', 'budgetAmount'),
    ...all(decimal, 'imdb', 'ratingAverage'),
    ...all(moment, 'createdAt', 'updatedAt', 'withdrawnAt'),
    ...all(day, 'releaseDate'),
    ...all(yes, 'hasVideo'),
  },
  {
    certification: belongsTo('certification', 'certification_id'),
    ...Object.fromEntries(
      Object.entries(KINDS).map(([kind, plural]) => [
        plural,
        { type: 'one-to-many', target: `film-${kind}`, inverseSide: 'movie' } as const,
      ]),
    ),
  },
);
export const Users = entity<User>('user', 'users', {
  id,
  ...all(text, 'email', 'role', 'passwordHash'),
  ...all(moment, 'totpEnabledAt', 'createdAt'),
  ...all(yes, 'isActive'),
});
export const Profiles = entity<Profile>('profile', 'profiles', {
  userId: key,
  ...all(text, 'firstName', 'lastName', 'gender', 'info', 'avatarKey'),
  ...all(day, 'dateOfBirth'),
});
export const Sessions = entity<Session>(
  'session',
  'sessions',
  { id, userId: { type: 'uuid' }, idleExpiresAt: moment, expiresAt: moment, ip: text, userAgent: text },
  { user: belongsTo('user', 'user_id') },
);
export const CartItems = entity<CartItem>(
  'cart-item',
  'cart_items',
  { userId: key, movieId: key, addedAt: { ...moment, createDate: true } },
  { movie: belongsTo('film', 'movie_id') },
);
export const LibraryMovies = entity<LibraryMovie>('library-movie', 'library_movies', { userId: key, movieId: key });
export const Orders = entity<Order>('order', 'orders', { id, userId: { type: 'uuid' }, status: text });
export const OrderItems = entity<OrderItem>(
  'order-item',
  'order_items',
  { orderId: key, movieId: key },
  { order: belongsTo('order', 'order_id') },
);

/** Opens the database with all entities. */
export async function openDataSource(url: string): Promise<DataSource> {
  const certifications = entity<Named>('certification', 'certifications', { id, name: text });
  const others = [Films, Users, Profiles, Sessions, CartItems, LibraryMovies, Orders, OrderItems];
  const source = new DataSource({
    type: 'postgres',
    url,
    poolSize: 10,
    entities: [certifications, ...links, ...others],
  });
  return await source.initialize();
}

// The answers as the serialiser of Fastify knows them: JSON Schema, by which it writes only what is named here.
const text = { type: 'string' };
const whole = { type: 'integer' };
const number = { type: 'number' };
const yes = { type: 'boolean' };
const moment = { type: 'string', format: 'date-time' };

const fields = (properties: Record<string, object>) => ({ type: 'object', properties });
const orNull = <Schema extends object>(schema: Schema) => ({ ...schema, nullable: true });
const listOf = (items: object) => ({ type: 'array', items });

const named = fields({ id: text, name: text });
const money = fields({ amount: whole, currency: text });

const card = {
  id: text,
  slug: text,
  name: text,
  year: whole,
  time: whole,
  imdb: number,
  price: orNull(money),
  status: text,
  certification: named,
  genres: listOf(named),
  directors: listOf(named),
  stars: listOf(named),
  countries: listOf(named),
  languages: listOf(named),
  releaseDate: orNull(text),
  votes: whole,
  metaScore: orNull(whole),
  gross: orNull(money),
  budget: orNull(money),
  posterUrl: orNull(text),
  trailer: orNull(text),
  ratingAverage: orNull(number),
  ratingCount: whole,
  hasVideo: yes,
  createdAt: moment,
  updatedAt: moment,
};

export const PAGE = fields({ items: listOf(fields(card)), nextCursor: orNull(text), total: orNull(whole) });

export const FILM = fields({
  ...card,
  description: text,
  likeCount: whole,
  dislikeCount: whole,
  favoriteCount: whole,
  commentCount: whole,
});

export const ME = fields({
  id: text,
  email: text,
  role: text,
  isActive: yes,
  createdAt: moment,
  totpEnabled: yes,
  profile: fields({
    firstName: orNull(text),
    lastName: orNull(text),
    gender: orNull(text),
    dateOfBirth: orNull(text),
    info: orNull(text),
    avatarUrl: orNull(text),
  }),
});

export const CART = fields({
  items: listOf(
    fields({
      movie: fields({ id: text, slug: text, name: text, year: whole, genres: listOf(named), posterUrl: orNull(text) }),
      price: orNull(money),
      addedAt: moment,
      available: yes,
    }),
  ),
  promo: orNull(fields({ code: text })),
  subtotal: money,
  discount: money,
  total: money,
});

export const TOKENS = fields({ accessToken: text, refreshToken: text, tokenType: text, expiresIn: whole });

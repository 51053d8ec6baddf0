/** Express with the usual ORM, TypeORM, as it is mostly used: `find` with relations, `findAndCount` for lists. */
import { verify } from '@node-rs/argon2';
import express, { type NextFunction, type Request, type Response } from 'express';
import { In, IsNull, MoreThan } from 'typeorm';
import { Refusal } from './by-hand.ts';
import {
  CartItems,
  type Film,
  Films,
  LibraryMovies,
  openDataSource,
  OrderItems,
  Profiles,
  Sessions,
  Users,
} from './express-entities.ts';
import { toCard, toMovie } from './express-answers.ts';
import { serve } from './peer.ts';
import { createPeerTokens } from './tokens.ts';

const { DATABASE_URL: url = '', PUBLIC_URL: publicUrl = '' } = process.env;
const source = await openDataSource(url);
const [films, users, profiles, sessions, cartItems, libraryMovies, orderItems] = [
  source.getRepository(Films),
  source.getRepository(Users),
  source.getRepository(Profiles),
  source.getRepository(Sessions),
  source.getRepository(CartItems),
  source.getRepository(LibraryMovies),
  source.getRepository(OrderItems),
];
const tokens = createPeerTokens(process.env);

const app = express();
app.use(express.json());

const RELATIONS = {
  certification: true,
  genres: { named: true },
  directors: { named: true },
  stars: { named: true },
  countries: { named: true },
  languages: { named: true },
} as const;
type ListQuery = { sort?: string; genre?: string; yearFrom?: string; yearTo?: string };
const SORTS: Record<string, keyof Film> = { imdb: 'imdb', year: 'year', newest: 'createdAt' };

app.get<object, unknown, unknown, ListQuery>('/api/v1/movies', async (request, response) => {
  const { sort = '', genre } = request.query;
  const [found, total] =
    genre === undefined
      ? await films.findAndCount({
          where: { withdrawnAt: IsNull() },
          relations: RELATIONS,
          order: { [SORTS[sort] ?? 'votes']: 'DESC', id: 'DESC' },
          take: 20,
        })
      : await filter(request.query);
  response.json({ items: found.map((film) => toCard(film, publicUrl)), total });
});

app.get('/api/v1/movies/:movieId', async (request, response) => {
  const where = { id: request.params.movieId, withdrawnAt: IsNull() };
  const film = await films.findOne({ where, relations: RELATIONS });
  if (!film) throw new Refusal(404, 'not_found');
  response.json(toMovie(film, publicUrl));
});

app.get('/api/v1/accounts/me', async (request, response) => {
  const user = await authenticate(request);
  const profile = await profiles.findOneByOrFail({ userId: user.id });
  const { id, email, role, isActive, createdAt, totpEnabledAt } = user;
  const { firstName, lastName, gender, dateOfBirth, info, avatarKey } = profile;
  const avatarUrl = avatarKey === null ? null : `${publicUrl}/${avatarKey}`;
  response.json({
    id,
    email,
    role,
    isActive,
    createdAt,
    totpEnabled: totpEnabledAt !== null,
    profile: { firstName, lastName, gender, dateOfBirth, info, avatarUrl },
  });
});

app.post('/api/v1/accounts/login', async (request, response) => {
  const { email, password } = request.body as { email: string; password: string };
  const user = await users.findOneBy({ email, isActive: true });
  if (!user?.passwordHash || !(await verify(user.passwordHash, password)))
    throw new Refusal(401, 'invalid_credentials');
  const session = await sessions.save({
    userId: user.id,
    idleExpiresAt: inDays(7),
    expiresAt: inDays(30),
    ip: request.ip ?? null,
    userAgent: request.get('user-agent') ?? null,
  });
  response.json(tokens.issue({ userId: user.id, sessionId: session.id }));
});

app.post('/api/v1/cart/items', async (request, response) => {
  const { id: userId } = await authenticate(request);
  const { movieId } = request.body as { movieId: string };
  await source.transaction(async (manager) => {
    await manager.findOne(Users, { where: { id: userId }, lock: { mode: 'for_no_key_update' } });
    const where = { id: movieId, withdrawnAt: IsNull() };
    const film = await manager.findOne(Films, { where, lock: { mode: 'for_key_share' } });
    if (!film) throw new Refusal(404, 'not_found');
    const pending = await manager.existsBy(OrderItems, { movieId, order: { userId, status: 'pending' } });
    const owned = await manager.existsBy(LibraryMovies, { userId, movieId });
    const inCart = await manager.existsBy(CartItems, { userId, movieId });
    if (pending || owned || inCart || film.priceCurrency !== 'USD') throw new Refusal(409, 'refused');
    await manager.insert(CartItems, { userId, movieId });
  });
  response.json(await readCart(userId));
});

app.delete('/api/v1/cart/items/:movieId', async (request, response) => {
  const { id: userId } = await authenticate(request);
  const { affected } = await cartItems.delete({ userId, movieId: request.params.movieId });
  if (!affected) throw new Refusal(404, 'not_in_cart');
  response.status(204).end();
});

// Express knows an error handler by its four parameters.
app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
  if (!(error instanceof Refusal)) console.error(error);
  response.status(error instanceof Refusal ? error.status : 500).json({ reason: String(error) });
});

await serve(app);

// `find` would load nothing of a film's genres but the one that is asked for.
async function filter({ genre, yearFrom, yearTo }: ListQuery): Promise<[Film[], number]> {
  const query = films
    .createQueryBuilder('film')
    .innerJoin('film.genres', 'asked')
    .innerJoin('asked.named', 'wanted', 'wanted.name = :genre', { genre })
    .leftJoinAndSelect('film.certification', 'certification')
    .where('film.withdrawnAt is null and film.year between :yearFrom and :yearTo', { yearFrom, yearTo })
    .orderBy('film.imdb', 'DESC')
    .addOrderBy('film.id', 'DESC')
    .take(20);
  for (const list of ['genres', 'directors', 'stars', 'countries', 'languages']) {
    query.leftJoinAndSelect(`film.${list}`, list).leftJoinAndSelect(`${list}.named`, `${list}_named`);
  }
  return await query.getManyAndCount();
}

async function authenticate(request: Request) {
  const claims = tokens.verifyAccess(request.get('authorization'));
  if (!claims) throw new Refusal(401, 'not_authenticated');
  const { userId, sessionId } = claims;
  const session = await sessions.findOne({
    where: { id: sessionId, userId, expiresAt: MoreThan(new Date()), user: { isActive: true } },
    relations: { user: true },
  });
  if (!session) throw new Refusal(401, 'not_authenticated');
  return session.user;
}

async function readCart(userId: string) {
  const found = await cartItems.find({
    where: { userId },
    relations: { movie: { genres: { named: true } } },
    order: { addedAt: 'ASC', movieId: 'ASC' },
  });
  const movieId = In(found.map((item) => item.movieId));
  const owned = await libraryMovies.findBy({ userId, movieId });
  const pending = await orderItems.findBy({ movieId, order: { userId, status: 'pending' } });
  const taken = new Set([...owned, ...pending].map((item) => item.movieId));
  const items = found.map(({ movie, addedAt }) => {
    const { id, slug, name, year, genres, posterUrl, price } = toCard(movie, publicUrl);
    const available = movie.withdrawnAt === null && price?.currency === 'USD' && !taken.has(id);
    return { movie: { id, slug, name, year, genres, posterUrl }, price, addedAt, available };
  });
  const amount = items.reduce((sum, { price, available }) => sum + (available ? (price?.amount ?? 0) : 0), 0);
  const total = { amount, currency: 'USD' };
  return { items, promo: null, subtotal: total, discount: { amount: 0, currency: 'USD' }, total };
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * 86_400_000);
}

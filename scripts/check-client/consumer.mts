// What a customer may write, and what the compiler must refuse. `check-client.ts` compiles it against the packed client.
import {
  type CinemaClient,
  type CinemaError,
  type CinemaRouter,
  createCinemaClient,
  type ErrorReason,
  isCinemaError,
  memoryStorage,
  type RouterInputs,
  type RouterOutputs,
  type SessionStorage,
  webStorage,
} from '@online-cinema/client';

const storage: SessionStorage = { read: async () => null, write: async () => undefined };
export const cinema: CinemaClient = createCinemaClient({
  baseUrl: 'https://cinema.example',
  storage,
  fetch: (input, init) => fetch(input, init),
  headers: async () => ({ 'accept-language': 'uk' }),
});
export const clients = [memoryStorage(), webStorage()].map((each) =>
  createCinemaClient({ baseUrl: '', storage: each }),
);

export async function visit(credentials: RouterInputs['accounts']['login']): Promise<Date> {
  const stop = cinema.$session.onChange((session) => console.log(session?.accessTokenExpiresAt.toISOString()));
  await cinema.$session.signIn(credentials);
  const me: RouterOutputs['accounts']['me'] = await cinema.accounts.me.query();
  const createdAt: Date = me.createdAt;
  const role: 'user' | 'moderator' | 'admin' = me.role;

  const page = await cinema.movies.list.query(
    { query: 'heat', sort: 'year', limit: 5 },
    { signal: AbortSignal.timeout(5_000) },
  );
  const cursor: string | null = page.nextCursor;
  const movieId: string = page.items[0]?.id ?? 'heat-1995';
  const { total } = await cinema.cart.add.mutate({ movieId });
  const nothing: void = await cinema.cart.clear.mutate();
  const token: string | null = await cinema.$session.accessToken();
  console.log(role, cursor, total.amount, nothing, token, cinema.$session.current());

  await cinema.$session.signOut();
  stop();
  return createdAt;
}

export async function buy(movieId: string): Promise<ErrorReason | undefined> {
  try {
    await cinema.cart.add.mutate({ movieId });
    return undefined;
  } catch (error) {
    if (isCinemaError(error, 'already_in_cart')) {
      const reason: 'already_in_cart' = error.data.reason;
      return reason;
    }
    if (!isCinemaError(error)) throw error;
    const refusal: CinemaError = error;
    const issues: { path: (string | number)[]; message: string }[] = refusal.data.issues ?? [];
    console.log(refusal.message, refusal.data.requestId, refusal.data.httpStatus, issues);
    return refusal.data.reason;
  }
}

export async function mistakes(error: unknown): Promise<void> {
  // @ts-expect-error -- a reason that is misspelt
  isCinemaError(error, 'already_in_the_cart');
  // @ts-expect-error -- an input without its field
  await cinema.cart.add.mutate({});
  // @ts-expect-error -- an input with a field too much
  await cinema.cart.add.mutate({ movieId: 'heat-1995', price: 0 });
  // @ts-expect-error -- an input where there is one needed
  await cinema.movies.get.query();
  // @ts-expect-error -- a value the field does not know
  await cinema.movies.list.query({ sort: 'loudness' });
  // @ts-expect-error -- a procedure there is none of
  await cinema.cart.steal.mutate({ movieId: 'heat-1995' });
  // @ts-expect-error -- a query called as a mutation
  await cinema.accounts.me.mutate();
  // @ts-expect-error -- a moment taken for a text
  (await cinema.accounts.me.query()).createdAt.toUpperCase();
  // @ts-expect-error -- a field the output does not have: it is no `any`
  console.log((await cinema.accounts.me.query()).password);
  // @ts-expect-error -- a price that may be missing
  console.log((await cinema.movies.get.query({ movieId: 'heat-1995' })).price.amount);
}

// @ts-expect-error -- the router is no `any` either
export type Nothing = CinemaRouter['nothing'];

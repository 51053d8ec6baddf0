// What a customer may write, and what the compiler must refuse. `check-client.ts` compiles it against the packed client.
import {
  type CinemaClient,
  type CinemaError,
  type CinemaRouter,
  createCinemaClient,
  type ErrorDetails,
  type ErrorReason,
  isCinemaError,
  isConnectionError,
  memoryStorage,
  type Refusals,
  type RouterInputs,
  type RouterOutputs,
  type SessionStorage,
  webStorage,
} from '@online-cinema/client';
import { fileStorage } from '@online-cinema/client/node';
import { createTestClient, type ProcedurePath, refuse } from '@online-cinema/client/testing';

const storage: SessionStorage = { read: async () => null, write: async () => undefined };
export const cinema: CinemaClient = createCinemaClient({
  baseUrl: 'https://cinema.example',
  storage,
  fetch: (input, init) => fetch(input, init),
  headers: async () => ({ 'accept-language': 'uk' }),
});
export const clients = [memoryStorage(), webStorage(), fileStorage('session')].map((each) =>
  createCinemaClient({ baseUrl: 'https://cinema.example', storage: each }),
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

export function hear(EventSource: new (url: string) => globalThis.EventSource): () => void {
  const listening = createCinemaClient({ baseUrl: 'https://cinema.example', EventSource });
  const subscription = listening.notifications.onNew.subscribe(
    { lastEventId: '42' },
    {
      onData: ({ id, data }) => {
        const createdAt: Date = data.createdAt;
        console.log(id satisfies string, createdAt, data.text satisfies string);
      },
      onError: (error) => console.log(isCinemaError(error, 'not_authenticated')),
    },
  );
  return () => subscription.unsubscribe();
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

export async function order(): Promise<number> {
  const { data, error } = await cinema.$safe(cinema.orders.create.mutate({}, { context: { idempotencyKey: 'mine' } }));
  if (!error) return data.order.total.amount;
  if (isConnectionError(error) || !error.data) throw error;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- a customer looks at what he can do something about
  switch (error.data.reason) {
    case 'price_changed':
      return error.data.newTotal.amount satisfies ErrorDetails['price_changed']['newTotal']['amount'];
    case 'nothing_to_order':
      return error.data.excluded.length;
    case 'too_many_requests':
      return error.data.retryAfterSeconds ?? 0;
    default:
      // @ts-expect-error -- what only another reason says
      return error.data.newTotal;
  }
}

export async function readAll(): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, price } of cinema.$paginate(cinema.movies.list, { genre: ['drama'] })) {
    names.push(name);
    console.log(price?.amount satisfies number | undefined);
  }
  for await (const page of cinema.$paginate(cinema.admin.audit.list).pages())
    console.log(page.total, page.items[0]?.at);
  const orders = await cinema
    .$paginate(cinema.orders.list, {}, { signal: new AbortController().signal })
    .toArray({ max: 5 });
  for await (const piece of await cinema.movies.export.query({ format: 'csv' })) names.push(piece);
  // @ts-expect-error -- a filter the list does not know
  cinema.$paginate(cinema.movies.list, { loudness: 1 });
  // @ts-expect-error -- no list
  cinema.$paginate(cinema.accounts.me);
  return [...names, ...orders.map(({ number }) => String(number))];
}

export function listen(): void {
  using client = createCinemaClient({
    baseUrl: 'https://cinema.example',
    retries: 1,
    timeoutMs: 5_000,
    hooks: { onRetry: ({ path, waitMs, reason }) => console.log(path, waitMs, reason satisfies ErrorReason | null) },
  });
  client.$dispose();
}

export const sentences: Record<Refusals['cart.remove'], string> = { not_in_cart: 'Gone.' };

export const path: ProcedurePath = 'admin.users.list';
export const canned = createTestClient({
  'cart.add': ({ movieId }) => refuse(movieId === '' ? 'not_found' : 'already_in_cart'),
  'orders.create': () => refuse('nothing_to_order', { excluded: [] }),
  // @ts-expect-error -- an answer of another shape
  'accounts.me': () => ({ email: 1 }),
  // @ts-expect-error -- what that reason says is missing
  'orders.checkout': () => refuse('price_changed'),
});
// @ts-expect-error -- a procedure there is none of
createTestClient({ 'cart.steal': () => undefined });

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

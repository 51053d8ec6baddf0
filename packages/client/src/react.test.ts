import { QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import { createCinemaOptions, resetOnSessionChange } from './react.ts';
import { createTestClient } from './testing.ts';

const TOKENS = { accessToken: 'a', refreshToken: 'r', tokenType: 'Bearer' as const, expiresIn: 900 };

test('the procedures are options of TanStack Query, and are asked anew as somebody else', async () => {
  let asked = 0;
  const cinema = createTestClient({
    'accounts.login': () => TOKENS,
    'genres.list': ({ query }) => {
      asked += 1;
      return { items: [{ id: '1', name: query ?? '', movieCount: 1 }], nextCursor: null, total: 1 };
    },
  });
  const queryClient = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  const options = createCinemaOptions(cinema, queryClient).genres.list.queryOptions({ query: 'drama' });
  const stop = resetOnSessionChange(cinema, queryClient);

  const page = await queryClient.query(options);
  await queryClient.query(options);
  expect([page.items[0]?.name, asked]).toEqual(['drama', 1]);
  await cinema.$session.signIn({ email: 'ada@demo.test', password: 'popcorn' });
  expect(queryClient.getQueryData(options.queryKey)).toBeUndefined();
  stop();
});

test('what is known of a session is the same object until it changes', async () => {
  const cinema = createTestClient({ 'accounts.login': () => TOKENS });
  const { signIn, current } = cinema.$session;
  await signIn({ email: 'ada@demo.test', password: 'popcorn' });
  const first = current();

  expect(current()).toBe(first);
  await signIn({ email: 'ada@demo.test', password: 'popcorn' });
  expect(current()).not.toBe(first);
});

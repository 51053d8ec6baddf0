import { setTimeout as sleep } from 'node:timers/promises';
import { createCinemaClient, isCinemaError } from '@online-cinema/client';
import { expect, test, vi } from 'vitest';
import { startTestApp } from '../testing/app.ts';

test('under too much load the cinema asks for patience, each caller in his language, and health is answered', async () => {
  await using app = await startTestApp();
  const read = () => app.rest('GET', '/movies');
  expect((await read()).status).toBe(200);

  await vi.waitFor(
    async () => {
      // Longer than the event loop may be late, from one look of the server at it to the next.
      for (const _ of [1, 2, 3]) {
        const until = performance.now() + 1_200;
        while (performance.now() < until);
        await sleep(1);
      }
      const cinema = createCinemaClient({ baseUrl: app.url });
      const [over, rpc, live] = await Promise.all([
        read(),
        cinema.movies.list.query({}).catch((error: unknown) => error),
        fetch(`${app.url}/livez`),
      ]);
      expect(over).toMatchObject({ status: 503, body: { reason: 'unavailable' } });
      expect(over.headers.get('retry-after')).toBe('2');
      expect(isCinemaError(rpc, 'unavailable')).toBe(true);
      expect(live.status).toBe(200);
    },
    { timeout: 15_000 },
  );

  await vi.waitFor(async () => expect((await read()).status).toBe(200), { timeout: 10_000 });
});

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { startTestApp } from '../testing/app.ts';

test('under too much load the cinema asks for patience, each caller in his language, and health is answered', async () => {
  await using app = await startTestApp({ OVERLOAD_DELAY_MS: '1000' });
  const read = () => app.rest('GET', '/movies');
  expect((await read()).status).toBe(200);

  await vi.waitFor(
    async () => {
      await holdUpEventLoop();
      const [over, rpc, live] = await Promise.all([
        read(),
        fetch(`${app.url}/trpc/movies.list`).then((answer) => answer.json()),
        fetch(`${app.url}/livez`),
      ]);
      expect(over).toMatchObject({ status: 503, body: { reason: 'unavailable' } });
      expect(over.headers.get('retry-after')).toBe('2');
      expect(rpc).toMatchObject({ error: { json: { data: { reason: 'unavailable', httpStatus: 503 } } } });
      expect(live.status).toBe(200);
    },
    { timeout: 15_000 },
  );

  await vi.waitFor(async () => expect((await read()).status).toBe(200), { timeout: 10_000 });
});

test('a server that stands still now and then, but never for as long as it may, refuses nobody', async () => {
  await using app = await startTestApp({ OVERLOAD_DELAY_MS: '60000' });
  await holdUpEventLoop();
  expect((await app.rest('GET', '/movies')).status).toBe(200);
});

/** For longer than a second each, from one look of the server at the event loop to the next. */
async function holdUpEventLoop(): Promise<void> {
  for (const _ of [1, 2, 3]) {
    const until = performance.now() + 1_200;
    while (performance.now() < until);
    await sleep(1);
  }
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findReachableRefusals, type Refusals } from './reachable-refusals.ts';

const FILES = {
  'cart/router.ts': `
    import { rest, router, userProcedure } from '../trpc.ts';
    import { add, type Shop } from './service.ts';
    export const cartRouter = router({
      add: userProcedure.meta(rest('POST', '/cart/items', 'Add')).mutation(({ ctx }) => add(ctx.deps)),
      get: userProcedure.meta(rest('GET', '/cart', 'Read')).query(({ ctx }) => ctx.deps.price_changed('cart_empty')),
    });
    function perKind(kind: string) {
      return router({ one: userProcedure.meta(rest('GET', \`/\${kind}/{id}\`, 'One')).query(() => { throw new AppError('not_found'); }) });
    }`,
  'cart/service.ts': `
    import { mail } from './jobs.ts';
    import { weigh as weighFilm } from '../lib/weigh.ts';
    export type Shop = { last_admin: string };
    export async function add({ limits, queue }: Deps) {
      await limits.take('cart', 'me', {});
      await queue.enqueue(mail);
      if (isIn()) throw new AppError(isOwned() ? 'already_owned' : 'already_in_cart');
      return weighFilm();
    }
    export function neverCalled() { throw new AppError('name_taken'); }`,
  'cart/jobs.ts': `export const mail = defineJob({ run() { throw new AppError('order_paid'); } });`,
  'lib/weigh.ts': `
    export const weigh = () => code();
    const code = () => { throw new AppError('invalid_code', { code: 'UNAUTHORIZED' }); };`,
  'trpc.ts': `export const userProcedure = () => { throw new AppError('not_authenticated'); };`,
  'cart/cart.test.ts': `test('x', () => { throw new AppError('email_taken'); });`,
};

let root: string;
let found: Map<string, Refusals>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'refusals-'));
  for (const [name, text] of Object.entries(FILES)) {
    const file = join(root, 'apps/server/src', name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  found = findReachableRefusals(root);
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('what is thrown on the way is found, through other files and under other names, with its status', () => {
  expect(found.get('POST /cart/items')).toEqual({
    401: ['invalid_code'],
    409: ['already_in_cart', 'already_owned'],
    429: ['too_many_requests'],
  });
});

test('words that only look like a reason, jobs, guards and what nobody calls are none', () => {
  expect(found.get('GET /cart')).toEqual({});
});

test('a path made of pieces has its place', () => {
  expect(found.get('GET /{}/{id}')).toEqual({ 404: ['not_found'] });
});

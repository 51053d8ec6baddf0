import { afterAll, beforeAll, expect, test } from 'vitest';
import { listRestProcedures } from '../http/rest.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { codeOf, signInCarefully } from '../testing/totp.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ REQUIRE_STAFF_TOTP: 'true' });
});
afterAll(() => app[Symbol.asyncDispose]());

const OPEN_BEFORE = ['accounts.me', 'accounts.totp.enable', 'accounts.totp.setup'];

/** The procedures that know who calls, and say that two-factor login has to be set up first. */
async function findRefused(viewer: Viewer): Promise<string[]> {
  const refused: string[] = [];
  for (const { path, meta } of listRestProcedures().filter((each) => each.meta.role || each.meta.viewer)) {
    const address = meta.openapi.path.replace(/\{\w+\}/g, crypto.randomUUID());
    const { method } = meta.openapi;
    const json = method === 'GET' || method === 'DELETE' ? {} : { body: {} };
    const bytes = meta.binary && { body: 'bytes', headers: { 'content-type': meta.binary.contentTypes[0] ?? '' } };
    const answer = await app.rest(method, address, { viewer, ...(bytes ?? json) });
    if (answer.status === 403 && answer.body.reason === 'totp_setup_required') refused.push(path);
  }
  return refused.sort();
}

test.for(['moderator', 'admin'] as const)('staff (%s) without it may only set it up', async (role) => {
  const viewer = await app.signIn({ role });
  const known = listRestProcedures().filter(({ meta }) => meta.role || meta.viewer);
  const expected = known.map(({ path }) => path).filter((path) => !OPEN_BEFORE.includes(path));
  expect(expected.length).toBeGreaterThan(20);
  expect(await findRefused(viewer)).toEqual(expected.sort());

  expect((await viewer.client.accounts.me.query()).totpEnabled).toBe(false);
  const { secret } = await viewer.client.accounts.totp.setup.mutate();
  await viewer.client.accounts.totp.enable.mutate({ code: codeOf(app, secret) });
  expect(await findRefused(viewer)).toEqual([]);
});

test('one without it can sign out', async () => {
  const { client } = await app.signIn({ role: 'admin' });
  await client.$session.signOut();
  expect(client.$session.current()).toBeNull();
});

test('a viewer needs none, until the role asks for it', async () => {
  const viewer = await app.signIn();
  const { id } = await createMovie(app.db);
  await viewer.client.cart.add.mutate({ movieId: id });
  await app.db.updateTable('users').set({ role: 'moderator' }).where('id', '=', viewer.userId).execute();
  await expect(viewer.client.cart.get.query()).rejects.toMatchObject({ data: { reason: 'totp_setup_required' } });
});

test('staff who switch it off have to set it up again', async () => {
  const viewer = await signInCarefully(app, { role: 'moderator' });
  await viewer.client.accounts.totp.disable.mutate({ password: 'Correct-horse1' });
  await expect(viewer.client.cart.get.query()).rejects.toMatchObject({ data: { reason: 'totp_setup_required' } });
});

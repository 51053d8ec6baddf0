import { randomUUID } from 'node:crypto';
import { RELATED_KINDS } from '@online-cinema/contract/related';
import { hasRole, type Role, ROLES } from '@online-cinema/contract/roles';
import { callTRPCProcedure } from '@trpc/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toAppError } from '../lib/problems.ts';
import { notify } from '../notices.ts';
import { appRouter } from '../router.ts';
import { signInForTokens } from '../testing/accounts.ts';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { placeOrder } from '../testing/shop.ts';
import { adminProcedure, moderatorProcedure, router, userProcedure } from '../trpc.ts';
import { listRestProcedures, listStreams, REST_PREFIX } from './rest.ts';

/** Who may call what: `any` is everybody, and `viewer` everybody too, but a token that is sent must be good. */
const EXPECTED: Record<string, Role | 'any' | 'viewer'> = {
  'accounts.activate': 'any',
  'accounts.cancelDeletion': 'user',
  'accounts.changePassword': 'user',
  'accounts.completeLogin': 'any',
  'accounts.confirmEmailChange': 'any',
  'accounts.endSession': 'user',
  'accounts.exportData': 'user',
  'accounts.login': 'any',
  'accounts.logout': 'any',
  'accounts.logoutEverywhere': 'user',
  'accounts.me': 'user',
  'accounts.refresh': 'any',
  'accounts.register': 'any',
  'accounts.requestDeletion': 'user',
  'accounts.requestEmailChange': 'user',
  'accounts.requestPasswordReset': 'any',
  'accounts.resendActivation': 'any',
  'accounts.resetPassword': 'any',
  'accounts.sessions': 'user',
  'accounts.totp.disable': 'user',
  'accounts.totp.enable': 'user',
  'accounts.totp.newRecoveryCodes': 'user',
  'accounts.totp.setup': 'user',
  'admin.analytics.exportSales': 'moderator',
  'admin.analytics.sales': 'moderator',
  'admin.audit.list': 'admin',
  'admin.carts.get': 'admin',
  'admin.jobs.discard': 'admin',
  'admin.jobs.list': 'admin',
  'admin.jobs.retry': 'admin',
  'admin.jobs.run': 'admin',
  'admin.payments.refund': 'admin',
  'admin.orders.export': 'moderator',
  'admin.orders.list': 'moderator',
  'admin.payments.export': 'moderator',
  'admin.payments.list': 'moderator',
  'admin.users.activate': 'admin',
  'admin.users.changeRole': 'admin',
  'admin.users.create': 'admin',
  'admin.users.deactivate': 'admin',
  'admin.users.get': 'admin',
  'admin.users.grantMovie': 'admin',
  'admin.users.list': 'admin',
  'admin.users.resetTotp': 'admin',
  'admin.users.revokeMovie': 'admin',
  'cart.add': 'user',
  'cart.applyPromo': 'user',
  'cart.clear': 'user',
  'cart.get': 'user',
  'cart.remove': 'user',
  'cart.removePromo': 'user',
  'comments.create': 'user',
  'comments.delete': 'user',
  'comments.edit': 'user',
  'comments.like': 'user',
  'comments.list': 'viewer',
  'comments.replies': 'viewer',
  'comments.report': 'user',
  'comments.unlike': 'user',
  'favorites.add': 'user',
  'favorites.list': 'user',
  'favorites.remove': 'user',
  'library.list': 'user',
  'media.addTrack': 'moderator',
  'media.delete': 'moderator',
  'media.deleteTrack': 'moderator',
  'media.list': 'moderator',
  'media.upload': 'moderator',
  'moderation.decide': 'moderator',
  'moderation.queue': 'moderator',
  'movies.create': 'moderator',
  'movies.delete': 'moderator',
  'movies.facets': 'any',
  'movies.export': 'moderator',
  'movies.get': 'viewer',
  'movies.import': 'moderator',
  'movies.importStatus': 'moderator',
  'movies.list': 'any',
  'movies.similar': 'any',
  'movies.suggest': 'any',
  'movies.removePoster': 'moderator',
  'movies.setPoster': 'moderator',
  'movies.update': 'moderator',
  'notifications.delete': 'user',
  'notifications.list': 'user',
  'notifications.markAllRead': 'user',
  'notifications.markRead': 'user',
  'notifications.preferences': 'user',
  'notifications.setPreferences': 'user',
  'notifications.ticket': 'user',
  'notifications.unreadCount': 'user',
  'orders.cancel': 'user',
  'orders.checkout': 'user',
  'orders.create': 'user',
  'orders.get': 'user',
  'orders.list': 'user',
  'payments.list': 'user',
  'payments.get': 'user',
  'payments.receipt': 'user',
  'playback.continueWatching': 'user',
  'playback.hide': 'user',
  'playback.history': 'user',
  'playback.progress': 'user',
  'playback.renew': 'user',
  'playback.setWatched': 'user',
  'playback.start': 'user',
  'playback.stop': 'user',
  'playback.trailer': 'any',
  'profile.get': 'user',
  'profile.removeAvatar': 'user',
  'profile.setAvatar': 'user',
  'profile.update': 'user',
  'refunds.approve': 'admin',
  'refunds.queue': 'moderator',
  'refunds.reject': 'admin',
  'refunds.request': 'user',
  'promos.create': 'admin',
  'promos.delete': 'admin',
  'promos.list': 'admin',
  'promos.update': 'admin',
  'ratings.clear': 'user',
  'ratings.set': 'user',
  'reactions.clear': 'user',
  'reactions.set': 'user',
  'recommendations.forMe': 'user',
  'recommendations.newReleases': 'any',
  'recommendations.trending': 'any',
  'users.card': 'any',
  ...Object.fromEntries(
    RELATED_KINDS.flatMap((kind) => [
      [`${kind}.create`, 'moderator'],
      [`${kind}.delete`, 'moderator'],
      [`${kind}.get`, 'any'],
      [`${kind}.list`, 'any'],
      [`${kind}.rename`, 'moderator'],
    ]),
  ),
};

/** Things of one user that nobody else may know of: how to make one, by the procedure that takes its id. */
const PRIVATE: Record<string, (owner: Viewer) => Promise<Record<string, string>>> = {
  'accounts.endSession': async ({ userId }) => {
    const session = { userId, idleExpiresAt: new Date(Date.now() + 60_000), expiresAt: new Date(Date.now() + 60_000) };
    const { id } = await app.db.insertInto('sessions').values(session).returning('id').executeTakeFirstOrThrow();
    return { sessionId: id };
  },
  'notifications.delete': aNotification,
  'notifications.markRead': aNotification,
  'orders.cancel': anOrder,
  'orders.checkout': anOrder,
  'orders.get': anOrder,
  'payments.get': aPayment,
  'payments.receipt': aPayment,
  'refunds.request': async (owner) => ({ orderId: (await aPaidOrder(owner)).id }),
};

/** What such a procedure needs beside the id. */
const FIELDS: Record<string, object> = { 'refunds.request': { reason: 'Not my taste.' } };

/** Ids in an address that are nobody's own. */
const PUBLIC_IDS = ['movieId', 'commentId'];

const MISSING = '019a5a4e-7c00-7000-8000-0000000000ff';

let app: TestApp;
const emails = new Map<Role, string>();
beforeAll(async () => {
  app = await startTestApp();
  // A second admin, so that the first is never the last.
  await app.signIn({ role: 'admin' });
  for (const role of ROLES) emails.set(role, (await app.signIn({ role })).email);
});
afterAll(() => app[Symbol.asyncDispose]());

async function anOrder(owner: Viewer): Promise<Record<string, string>> {
  return { orderId: (await placeOrder(owner, [await createMovie(app.db)])).id };
}

async function aNotification({ userId }: Viewer): Promise<Record<string, string>> {
  const [id = ''] = await notify(app.db, [userId], { kind: 'comment_reply', text: 'Ada replied to you.', link: null });
  return { notificationId: id };
}

async function aPayment(owner: Viewer): Promise<Record<string, string>> {
  const { payment } = await aPaidOrder(owner);
  return { paymentId: payment?.id ?? '' };
}

async function aPaidOrder(owner: Viewer) {
  const { id: orderId } = await placeOrder(owner, [await createMovie(app.db, { priceAmount: 0 })]);
  await owner.client.orders.checkout.mutate({ orderId });
  return await owner.client.orders.get.query({ orderId });
}

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { type: string; inputs: unknown[] } }>,
)
  .map(([path, { _def }]) => ({ path, ..._def, rest: listRestProcedures().find((each) => each.path === path) }))
  // Streams are asked for with a ticket instead of a session, by GET only.
  .filter(({ type }) => type !== 'subscription');
type Procedure = (typeof procedures)[number];
const idsOf = ({ rest }: Procedure) =>
  [...(rest?.meta.openapi.path ?? '').matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');

/** A token of a session of its own: the call before may have ended all others. */
async function authorizationOf(caller: Role | 'anonymous'): Promise<Record<string, string>> {
  const email = caller === 'anonymous' ? undefined : emails.get(caller);
  if (email === undefined) return {};
  const { accessToken } = await signInForTokens(app, email);
  return { authorization: `Bearer ${accessToken}` };
}

type Answer = { status: number; reason: string | undefined; text: string };

async function callRest(
  { rest }: Procedure,
  ids: Record<string, string>,
  headers: object,
  fields: object,
): Promise<Answer> {
  if (!rest) throw new Error('no REST face');
  const { method, path } = rest.meta.openapi;
  const url = `${app.url}${REST_PREFIX}${path.replace(/\{(\w+)\}/g, (_, name: string) => ids[name] ?? MISSING)}`;
  const hasBody = method !== 'GET' && method !== 'DELETE' && rest.input !== undefined;
  // Beside bytes, fields stand in the query.
  const inQuery = !hasBody || rest.meta.binary !== undefined;
  const query = inQuery ? `?${new URLSearchParams(Object.entries(fields)).toString()}` : '';
  const type = rest.meta.binary?.contentTypes[0] ?? 'application/json';
  const response = await fetch(`${url}${query}`, {
    method,
    headers: { ...headers, ...(hasBody && { 'content-type': type }) },
    ...(hasBody && { body: inQuery ? 'bytes' : JSON.stringify(fields) }),
  });
  return await read(response, (body) => body.reason);
}

async function callRpc(
  { path, type }: Procedure,
  ids: Record<string, string>,
  headers: object,
  fields: object,
): Promise<Answer> {
  const text = JSON.stringify({ json: { ...ids, ...fields } });
  const url = `${app.url}/trpc/${path}`;
  const response =
    type === 'mutation'
      ? await fetch(url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: text })
      : await fetch(`${url}?input=${encodeURIComponent(text)}`, { headers: { ...headers } });
  return await read(response, (body) => body.error?.json.data.reason);
}

type Body = { reason?: string; requestId?: string; error?: { json: { data: { reason: string } } } };

/** An answer without what differs in any two: its request's id, and the date. */
async function read(response: Response, reasonOf: (body: Body) => string | undefined): Promise<Answer> {
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const kept = [...response.headers].filter(([name]) => name !== 'date' && name !== 'x-request-id');
  const requestId = response.headers.get('x-request-id') ?? '';
  return {
    status: response.status,
    reason: isJson ? reasonOf(JSON.parse(text) as Body) : undefined,
    text: JSON.stringify([response.status, kept, text]).replaceAll(requestId, ''),
  };
}

const FACES = [
  ['REST', callRest],
  ['RPC', callRpc],
] as const;

test('every procedure has its place in the table, and says of itself what the table says', () => {
  const roles = procedures.map(({ path, rest }) => [path, rest?.meta.role ?? (rest?.meta.viewer ? 'viewer' : 'any')]);
  expect(Object.fromEntries(roles)).toEqual(EXPECTED);
});

test('every procedure of a user that takes an id of something private is in the table of those', () => {
  const taking = procedures.filter(
    (each) => EXPECTED[each.path] === 'user' && idsOf(each).some((name) => !PUBLIC_IDS.includes(name)),
  );
  expect(taking.map(({ path }) => path).sort()).toEqual(Object.keys(PRIVATE).sort());
});

describe.for(procedures.map((procedure) => [procedure.path, procedure] as const))('%s', ([path, procedure]) => {
  const needed = EXPECTED[path] ?? 'any';

  test.for(
    FACES.flatMap(([face, call]) => (['anonymous', ...ROLES] as const).map((caller) => ({ face, call, caller }))),
  )('lets in whom it should, over $face: $caller', async ({ call, caller }) => {
    // Wrong on purpose, where anything can be: who is let in is told that, and nothing happens.
    const fields = procedure.inputs.length > 0 ? { unheardOf: 'x' } : {};
    const answer = await call(procedure, {}, await authorizationOf(caller), fields);
    const isRefused = answer.reason === 'not_authenticated' || answer.reason === 'not_allowed';
    const isOpen = needed === 'any' || needed === 'viewer';
    const refusal = caller === 'anonymous' ? '401 not_authenticated' : '403 not_allowed';
    expect(isRefused ? `${answer.status} ${answer.reason}` : 'let in').toBe(
      isOpen || (caller !== 'anonymous' && hasRole(caller, needed)) ? 'let in' : refusal,
    );
    expect(answer.status).toBeLessThan(500);
  });
});

const withInput = procedures.filter(({ inputs }) => inputs.length > 0);
test.for(withInput.map((procedure) => [procedure.path, procedure] as const))(
  '%s refuses a field it does not know, and does nothing',
  async ([, procedure]) => {
    const headers = await authorizationOf('admin');
    for (const [, call] of FACES) {
      const { status } = await call(procedure, {}, headers, { passwordHash: 'x' });
      expect(status).toBe(400);
    }
  },
);

const guarded = procedures.filter(({ path }) => EXPECTED[path] !== 'any');
test.for(guarded.map((procedure) => [procedure.path, procedure] as const))(
  '%s refuses a token that is none',
  async ([, procedure]) => {
    const { authorization } = await authorizationOf('admin');
    // No signature ends like this: its last byte is 16 at most (RFC 8032).
    const forged = `${authorization?.slice(0, -3)}__w`;
    for (const [, call] of FACES) {
      for (const bad of ['Bearer x', 'Basic YTpi', forged]) {
        const answer = await call(procedure, {}, { authorization: bad }, {});
        expect([answer.status, answer.reason]).toEqual([401, 'not_authenticated']);
      }
    }
  },
);

describe.for(Object.entries(PRIVATE))('%s', ([path, make]) => {
  const procedure = procedures.find((each) => each.path === path)!;

  test.for(FACES)('hides from everybody else that it is there, over %s', async ([, call]) => {
    const owner = await app.signIn();
    const ids = await make(owner);
    const fields = FIELDS[path] ?? {};
    const missing = Object.fromEntries(Object.keys(ids).map((name) => [name, randomUUID()]));
    const malformed = Object.fromEntries(Object.keys(ids).map((name) => [name, 'x1']));
    for (const role of ROLES) {
      const headers = await authorizationOf(role);
      const answer = await call(procedure, ids, headers, fields);
      expect([role, answer.status, answer.reason]).toEqual([role, 404, 'not_found']);
      expect(answer.text).toBe((await call(procedure, missing, headers, fields)).text);
      expect((await call(procedure, malformed, headers, fields)).status).toBe(400);
    }
    const token = await owner.client.$session.accessToken();
    expect((await call(procedure, ids, { authorization: `Bearer ${token}` }, fields)).status).toBeLessThan(300);
  });
});

test.for(listStreams().map(({ path }) => path))('%s is for those who bring a ticket', async (path) => {
  const headers = await authorizationOf('admin');
  for (const url of [`${app.url}/trpc/${path}`, `${app.url}/trpc/${path}?connectionParams={"ticket":"x"}`]) {
    const events = await (await fetch(url, { headers })).text();
    expect(events).toMatch(/^event: serialized-error\ndata: .*"httpStatus":401,"reason":"not_authenticated"/m);
  }
});

test('each guard lets in its role and those above it', async () => {
  const doors = router({
    user: userProcedure.query(() => 'in'),
    moderator: moderatorProcedure.query(() => 'in'),
    admin: adminProcedure.query(() => 'in'),
  });
  const answers: string[] = [];
  for (const caller of ROLES) {
    const { authorization } = await authorizationOf(caller);
    for (const path of ROLES) {
      const ctx = { deps: app.deps, requestId: '', ip: '', userAgent: undefined, authorization };
      const calling = callTRPCProcedure({
        router: doors,
        path,
        type: 'query',
        ctx,
        getRawInput: async () => undefined,
        signal: undefined,
        batchIndex: 0,
      });
      const answer: unknown = await calling.catch((error: unknown) => toAppError(error).reason);
      answers.push(`${caller} at ${path}: ${String(answer)}`);
    }
  }
  expect(answers).toEqual([
    'user at user: in',
    'user at moderator: not_allowed',
    'user at admin: not_allowed',
    'moderator at user: in',
    'moderator at moderator: in',
    'moderator at admin: not_allowed',
    'admin at user: in',
    'admin at moderator: in',
    'admin at admin: in',
  ]);
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

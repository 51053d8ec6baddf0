import { createCinemaClient } from '@online-cinema/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tokenOf } from '../testing/accounts.ts';
import { PASSWORD, startTestApp, type TestApp } from '../testing/app.ts';
import { type Collector, startCollector, type ToldSpan } from '../testing/collector.ts';
import { createMovie } from '../testing/factories.ts';
import { sendRaw } from '../testing/raw-request.ts';

let app: TestApp;
let collector: Collector;
beforeAll(async () => {
  collector = await startCollector();
  app = await startTestApp({ PROCESS: 'api' });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

test('a request, its procedure, its statements and its job are told as they belong together, and no secret with them', async () => {
  const traced = await app.startReplica({ PROCESS: 'all', OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` });
  const send = (path: string, body?: object) =>
    fetch(`${traced.url}${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { traceparent: `00-${TRACE}-${CALLER}-01`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const email = 'traced@example.com';
  expect((await send('/api/v1/accounts/register', { email, password: PASSWORD })).status).toBe(201);
  const token = tokenOf(await app.inbox.waitFor({ to: email }));
  await send('/api/v1/accounts/activate', { token });
  await send(`/unsubscribe/${token}`);
  await send(`/media/${token}/index.m3u8?grant=${token}`);
  await send(`/MEDIA/%67${token}`);
  const whole = `GET http://cinema.test/media/${token}/index.m3u8 HTTP/1.1\r\nHost: cinema.test\r\n\r\n`;
  expect((await sendRaw(traced.url ?? '', whole)).status).toBe(400);
  const login = await send('/api/v1/accounts/login', { email, password: PASSWORD });
  const { accessToken, refreshToken } = (await login.json()) as Record<string, string>;

  const film = await createMovie(app.db);
  const client = createCinemaClient({ baseUrl: traced.url ?? '' });
  await client.$session.signIn({ email, password: PASSWORD });
  await Promise.all([client.movies.get.query({ movieId: film.id }), client.cart.get.query()]);
  await client.cart.add.mutate({ movieId: film.id });
  const { order } = await client.orders.create.mutate({});
  await client.orders.checkout.mutate({ orderId: order?.id ?? '' });
  // What is not sent yet is sent before it ends.
  await traced.stop();

  const { spans } = collector;
  const named = (name: string) => {
    const found = spans.filter((span) => span.name === name);
    expect(found.length, name).toBeGreaterThan(0);
    return found[0] as ToldSpan;
  };
  const request = named('POST /api/v1/accounts/register');
  expect(request).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, kind: 2, hasFailed: false });
  expect(request.attributes).toMatchObject({
    'http.request.method': 'POST',
    'http.route': '/api/v1/accounts/register',
    'url.path': '/api/v1/accounts/register',
    'http.response.status_code': 201,
  });
  const procedure = spans.find((span) => span.parentSpanId === request.spanId);
  expect(procedure).toMatchObject({ name: 'accounts.register', traceId: TRACE });
  const statements = spans.filter((span) => span.parentSpanId === procedure?.spanId);
  expect(statements.map(({ name }) => name)).toEqual(expect.arrayContaining(['INSERT users', 'COMMIT']));
  expect(statements.find(({ name }) => name === 'INSERT users')).toMatchObject({
    traceId: TRACE,
    kind: 3,
    attributes: { 'db.system.name': 'postgresql', 'db.query.text': expect.stringContaining('values ($1') },
  });

  const job = named('process accounts.activation-mail');
  expect(job).toMatchObject({ kind: 5, parentSpanId: undefined, links: [{ traceId: TRACE }] });
  expect(job.traceId).not.toBe(TRACE);
  expect(named('SMTP send')).toMatchObject({ traceId: job.traceId, parentSpanId: job.spanId });
  expect(named('POST /v1/checkout/sessions').attributes['http.response.status_code']).toBe(200);

  // Both of one batch.
  const [one, other] = [named('movies.get'), named('cart.get')];
  expect(spans.find(({ spanId }) => spanId === one.parentSpanId)?.attributes['http.route']).toBe('/trpc/:path');
  expect(other.parentSpanId).toBe(one.parentSpanId);
  // Who names no trace gets one for each request, also over one connection.
  const begun = spans.filter((span) => span.kind === 2 && span.traceId !== TRACE);
  expect(new Set(begun.map((span) => span.traceId)).size).toBe(begun.length);

  const told = collector.bodies.join('').toLowerCase();
  const secrets = { email, PASSWORD, token, accessToken, refreshToken };
  expect(Object.entries(secrets).filter(([, secret]) => !secret || told.includes(secret.toLowerCase()))).toEqual([]);
  const line = app.logs.find((each) => each.includes('/api/v1/accounts/register'));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ trace_id: TRACE, span_id: request.spanId });
});

test('a refusal is no failure, and a failure is told by its kind', async () => {
  const traced = await app.startReplica({
    PROCESS: 'api',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
  });
  collector.spans.length = 0;
  await fetch(`${traced.url}/api/v1/cart`);
  await app.db.schema.alterTable('movies').renameTo('moviesAway').execute();
  await fetch(`${traced.url}/api/v1/movies/${crypto.randomUUID()}`);
  await app.db.schema.alterTable('moviesAway').renameTo('movies').execute();
  await traced.stop();

  const told = (name: string) => collector.spans.find((span) => span.name === name);
  expect(told('cart.get')).toMatchObject({ hasFailed: false, attributes: { 'error.type': 'not_authenticated' } });
  expect(told('GET /api/v1/cart')).toMatchObject({
    hasFailed: false,
    attributes: { 'http.response.status_code': 401 },
  });
  expect(told('GET /api/v1/movies/:movieId')).toMatchObject({ hasFailed: true });
  expect(told('movies.get')).toMatchObject({ hasFailed: true, attributes: { 'error.type': 'internal_error' } });
  const statement = collector.spans.find((span) => span.attributes['error.type'] === '42P01');
  expect(statement).toMatchObject({ hasFailed: true, parentSpanId: told('movies.get')?.spanId });
});

test('a collector that is away is told of in the log, and costs neither an answer nor the end', async () => {
  const traced = await app.startReplica({ PROCESS: 'api', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
  expect((await fetch(`${traced.url}/livez`)).status).toBe(200);
  await traced.stop();
  expect(app.logs.filter((line) => line.includes('collector'))).toHaveLength(1);
});

test('nothing is traced unless it is asked for, or where it is switched off', async () => {
  collector.bodies.length = 0;
  const off = await app.startReplica({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_SDK_DISABLED: 'true' });
  for (const url of [app.url, off.url]) expect((await fetch(`${url}/livez`)).status).toBe(200);
  await off.stop();
  expect(collector.bodies).toEqual([]);
});

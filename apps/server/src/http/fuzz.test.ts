import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startTestApp, type TestApp, type Viewer } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { listRestProcedures, type RestProcedure } from './rest.ts';

// `pnpm test:fuzz` runs long, with a seed of its own each time; a failure prints the seed that repeats it.
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 40);
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_120);

let app: TestApp;
let viewer: Viewer;
let movie: { id: string; slug: string };
const rejections: unknown[] = [];
const noteRejection = (reason: unknown) => rejections.push(reason);

beforeAll(async () => {
  app = await startTestApp();
  // One who may call everything.
  viewer = await app.signIn({ role: 'admin' });
  movie = await createMovie(app.db);
  process.on('unhandledRejection', noteRejection);
});
afterAll(async () => {
  process.off('unhandledRejection', noteRejection);
  await app[Symbol.asyncDispose]();
});

const HOSTILE_TEXTS = [
  '',
  ' ',
  '\0',
  '\ud800',
  '%',
  '_',
  "'",
  '"',
  '\\',
  '../../etc/passwd',
  '%2e%2e%2f',
  '<script>alert(1)</script>',
  "'; drop table users; --",
  '__proto__',
  'constructor',
  'a@b@c.dd',
  'a@b.cc\r\nBcc: d@e.ff',
  '\u202eevil',
  '\u200b',
  '🎬'.repeat(50),
  'ﷺ',
  'a'.repeat(5_000),
  '{{7*7}}',
  '-1',
  '1e309',
  'NaN',
  '0x10',
  'true',
  'null',
  '00000000-0000-0000-0000-000000000000',
  '2026-02-30',
  'bnVsbA',
];
const HOSTILE_VALUES: unknown[] = [
  ...HOSTILE_TEXTS,
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  [],
  {},
  [[[[]]]],
  { toString: 1, valueOf: 2 },
];
const HOSTILE_KEYS = ['__proto__', 'constructor', 'prototype', 'id', 'role', 'userId', 'status', 'price', 'then', ''];

describe('whatever is sent, the answer is one the document promises, and never a fault of the server', () => {
  test.for(listRestProcedures().map((procedure) => [procedure.path, procedure] as const))(
    '%s',
    async ([, procedure]) => {
      const property = fc.asyncProperty(anInput(procedure), fc.boolean(), async (input, signedIn) => {
        const options = signedIn ? { viewer } : {};
        const byRest = await app.rest(procedure.meta.openapi.method, restPath(procedure, input), {
          ...options,
          ...(takesBody(procedure) && { body: input.fields }),
        });
        expect(byRest.status).toBeLessThan(500);
        expect(await callRpc(procedure, { ...input.params, ...input.fields }, signedIn)).toBeLessThan(500);
      });
      await fc.assert(property, { numRuns: RUNS, seed: SEED });
    },
  );

  test('no promise was forgotten, and nothing was logged as an error', () => {
    expect(rejections).toEqual([]);
    expect(app.logs.filter((line) => (JSON.parse(line) as { level: number }).level >= 50)).toEqual([]);
  });
});

type Input = { params: Record<string, string>; fields: Record<string, unknown> };

/** Inputs near the schema's: right fields with right or hostile values, some missing, some that are not asked for. */
function anInput(procedure: RestProcedure): fc.Arbitrary<Input> {
  const inPath = new Set([...procedure.meta.openapi.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''));
  const schema = procedure.input && z.toJSONSchema(procedure.input, { io: 'input', unrepresentable: 'any' });
  const names = Object.keys(schema?.properties ?? {});
  const hostile = fc.constantFrom(...HOSTILE_VALUES);
  const right = fc.constantFrom<unknown>(
    movie.id,
    movie.slug,
    1,
    5,
    'matrix',
    'price',
    'asc',
    'a@b.cc',
    'Popcorn-demo1',
  );
  const value = fc.oneof(
    { weight: 3, arbitrary: right },
    { weight: 3, arbitrary: hostile },
    fc.jsonValue(),
    fc.string(),
  );
  const text = fc.oneof(fc.constantFrom(movie.id, movie.slug, ...HOSTILE_TEXTS), fc.string({ unit: 'binary' }));
  return fc
    .tuple(
      fc.tuple(...[...inPath].map((name) => fc.tuple(fc.constant(name), text))),
      fc.tuple(
        ...names.filter((name) => !inPath.has(name)).map((name) => fc.tuple(fc.constant(name), value, fc.boolean())),
      ),
      fc.array(fc.tuple(fc.constantFrom(...HOSTILE_KEYS), hostile), { maxLength: 1 }),
    )
    .map(([params, fields, extra]) => ({
      params: Object.fromEntries(params),
      fields: Object.fromEntries([
        ...fields.filter(([, , isThere]) => isThere).map(([name, given]) => [name, given] as const),
        ...extra,
      ]),
    }));
}

function takesBody({ meta }: RestProcedure): boolean {
  return meta.openapi.method !== 'GET' && meta.openapi.method !== 'DELETE';
}

function restPath(procedure: RestProcedure, { params, fields }: Input): string {
  const path = procedure.meta.openapi.path.replace(/\{(\w+)\}/g, (_match, name: string) => encode(params[name] ?? ''));
  if (takesBody(procedure)) return path;
  const query = Object.entries(fields).map(([name, value]) => {
    const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
    return `${encode(name)}=${encode(text)}`;
  });
  return query.length === 0 ? path : `${path}?${query.join('&')}`;
}

// Half a surrogate pair has no encoding: its bytes are sent, which are no UTF-8. Dots are encoded, or fetch walks them.
function encode(text: string): string {
  const encoded = text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80';
  return encoded.replaceAll('.', '%2E');
}

async function callRpc(procedure: RestProcedure, input: unknown, signedIn: boolean): Promise<number> {
  const token = signedIn ? await viewer.client.$session.accessToken() : null;
  const text = JSON.stringify({ json: input });
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const url = `${app.url}/trpc/${procedure.path}`;
  const response =
    procedure.type === 'query'
      ? await fetch(`${url}?input=${encode(text)}`, { headers })
      : await fetch(url, { method: 'POST', headers, body: text });
  await response.arrayBuffer();
  return response.status;
}

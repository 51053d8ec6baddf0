import type { KyselyPlugin } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerVisitor } from '../testing/accounts.ts';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { dumpDatabase } from '../testing/dump.ts';
import { listJobs } from '../testing/jobs.ts';
import { requestPasswordReset } from './password-reset.ts';
import { resendActivation } from './service.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

describe.for([
  ['a reset', '/accounts/request-password-reset', requestPasswordReset, 'accounts.password-reset'],
  ['another activation mail', '/accounts/resend-activation', resendActivation, 'accounts.activation'],
] as const)('who asks for %s', ([, path, ask, queue]) => {
  test('is answered alike, byte for byte, whatever there is at the address', async () => {
    const emails = await makeAddresses();
    const answers = await Promise.all(Object.values(emails).map((email) => send(path, email)));
    expect(answers[0]?.status).toBe(200);
    for (const answer of answers) expect(answer).toEqual(answers[0]);
  });

  test('costs the same work: the same statements, one job like any other, and not a row more', async () => {
    const emails = await makeAddresses();
    await using api = await startTestApp({ PROCESS: 'api' });
    const kinds = await copyAccounts(api, emails);
    const before = withoutJobs(await dumpDatabase(api));
    const works = [];
    for (const email of Object.values(emails)) {
      const statements: unknown[] = [];
      const db = api.db.withPlugin(recordTo(statements));
      await ask({ db, queue: api.deps.queue, limits: api.deps.limits }, { email, ip: '203.0.113.7' });
      works.push(statements);
    }
    expect(kinds).toEqual(['nobody', 'pending', 'active', 'deactivated']);
    expect(works[0]).toHaveLength(1);
    for (const work of works) expect(work).toEqual(works[0]);

    const jobs = await listJobs(api, queue);
    expect(jobs).toHaveLength(works.length);
    for (const { data } of jobs) {
      expect(data).toEqual({ userId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) });
    }
    expect(withoutJobs(await dumpDatabase(api))).toEqual(before);
  });
});

test('nothing of all this was a fault of the server', () => {
  expect(app.logs.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

type Addresses = Record<'nobody' | 'pending' | 'active' | 'deactivated', string>;

/** One address of each kind there is. */
async function makeAddresses(): Promise<Addresses> {
  const stem = crypto.randomUUID();
  const pending = await registerVisitor(app, `pending.${stem}@example.com`);
  const [active, deactivated] = [await app.signIn(), await app.signIn()];
  await app.db.updateTable('users').set({ isActive: false }).where('id', '=', deactivated.userId).execute();
  return {
    nobody: `nobody.${stem}@example.com`,
    pending: pending.email,
    active: active.email,
    deactivated: deactivated.email,
  };
}

/** Makes the same accounts in a cinema without a worker, which leaves the jobs where they are; tells their kinds. */
async function copyAccounts(api: TestApp, emails: Addresses): Promise<string[]> {
  for (const [kind, email] of Object.entries(emails)) {
    if (kind === 'nobody') continue;
    const activatedAt = kind === 'pending' ? null : new Date();
    await api.db
      .insertInto('users')
      .values({ email, isActive: kind === 'active', activatedAt })
      .execute();
  }
  return Object.keys(emails);
}

function recordTo(statements: unknown[]): KyselyPlugin {
  return {
    transformQuery({ node }) {
      // What is asked, without what differs: the address.
      statements.push(JSON.parse(JSON.stringify(node, (key, value: unknown) => (key === 'value' ? null : value))));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}

function withoutJobs(dump: string): string[] {
  return dump
    .split('\n')
    .filter((line) => line.startsWith('public.'))
    .sort();
}

async function send(path: string, email: string) {
  const response = await fetch(`${app.url}/api/v1${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email }),
  });
  const headers = { ...Object.fromEntries(response.headers), date: '', 'x-request-id': '' };
  return { status: response.status, headers, text: await response.text() };
}

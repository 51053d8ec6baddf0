import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { type CinemaClient, createCinemaClient } from '@online-cinema/client';
import type { Role } from '@online-cinema/contract/roles';
import { EventSource } from 'eventsource';
import { type Inbox, startInbox } from '@online-cinema/local-services/inbox';
import { startStripeSimulator, type StripeSimulator } from '@online-cinema/local-services/stripe';
import { insertActiveUser } from '../accounts/queries.ts';
import { type App, startApp } from '../app.ts';
import { type Config, readConfig } from '../config.ts';
import { createLog } from '../lib/log.ts';
import { createTestClock, type TestClock } from './clock.ts';
import { cloneDatabase } from './database.ts';
import { assertDocumented, findUndocumented } from './openapi-check.ts';

/** The password of every account a test makes, unless it chooses another. Strong enough for the strict policy. */
export const PASSWORD = 'Correct-horse1';

/** A client of somebody who is signed in, and who that is. */
export type Viewer = { client: CinemaClient; userId: string; email: string };

/** A running cinema with everything around it. Disposing of it stops all that and drops its database. */
export type TestApp = AsyncDisposable & {
  url: string;
  config: Config;
  deps: App['deps'];
  db: App['deps']['db'];
  inbox: Inbox;
  stripe: StripeSimulator;
  clock: TestClock;
  /** Every line the log has written. */
  logs: string[];
  anonymous: CinemaClient;
  /** Makes an active account and signs it in. */
  signIn(account?: { role?: Role; email?: string }): Promise<Viewer>;
  /** Sends a request to a path below `/api/v1`, and holds the answer to the OpenAPI document. */
  rest(method: string, path: string, options?: RestOptions): Promise<RestAnswer>;
  /** Starts another process's worth of the same cinema: same database, mail and gateway. */
  startReplica(env?: NodeJS.ProcessEnv): Promise<App>;
};

/** What a request carries: the access token of `viewer`, and `body` as JSON; a string is sent as it is. */
export type RestOptions = { viewer?: Viewer; body?: unknown; headers?: Record<string, string> };
/** An answer over REST: its body parsed where it is JSON, or undefined when it had none. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test looks into answers as a stranger would
export type RestAnswer = { status: number; headers: Headers; body: any };

// Argon2id at its cheapest; everything else is as in production.
const CHEAP_HASHES = { memoryCost: 64, timeCost: 1, parallelism: 1 };

/** Starts the real server with its worker on a database of its own, with mail and gateway beside it. */
export async function startTestApp(env: NodeJS.ProcessEnv = {}): Promise<TestApp> {
  const clock = createTestClock();
  const logs: string[] = [];
  const [database, inbox, stripe, dataDir] = await Promise.all([
    cloneDatabase(),
    startInbox(),
    startStripeSimulator({ now: () => clock.now().getTime() }),
    mkdtemp(join(tmpdir(), 'cinema-test-')),
  ]);
  const start = (more: NodeJS.ProcessEnv = {}) => {
    const config = readConfig({
      NODE_ENV: 'test',
      PORT: '0',
      HOST: '127.0.0.1',
      PUBLIC_URL: 'http://cinema.test',
      DATABASE_URL: database.url,
      DATA_DIR: dataDir,
      SMTP_URL: inbox.smtpUrl,
      STRIPE_API_URL: stripe.url,
      // Every test signs in from the one address; those about limits switch them on.
      RATE_LIMITS: 'off',
      // Tests change rows behind the server's back, and look at once.
      ANSWER_MEMORY_MB: '0',
      // The suite alone may keep a machine busy; the test about that switches it on.
      OVERLOAD_DELAY_MS: '0',
      ...env,
      ...more,
    });
    const destination = new Writable({
      write(chunk: Buffer, _encoding, done) {
        logs.push(chunk.toString('utf8'));
        done();
      },
    });
    return startApp({ config, clock, log: createLog(config.logLevel, destination), passwordCost: CHEAP_HASHES });
  };
  const app = await start();
  const url = app.url ?? '';
  stripe.setWebhookUrl(`${url}/webhooks/stripe`);

  // A refusal the document does not name fails the file at its end: thrown here, it would look like a lost connection.
  const undocumented = new Set<string>();
  const watchedFetch: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    if (answer.status === 207 || answer.status >= 400) {
      const body: unknown = await answer
        .clone()
        .json()
        .catch(() => null);
      for (const refusal of findUndocumented(body)) undocumented.add(refusal);
    }
    return answer;
  };

  let accounts = 0;
  const replicas: App[] = [];
  return {
    url,
    config: app.deps.config,
    deps: app.deps,
    db: app.deps.db,
    inbox,
    stripe,
    clock,
    logs,
    anonymous: createCinemaClient({ baseUrl: url, fetch: watchedFetch }),
    async signIn({ role = 'user', email = `viewer${(accounts += 1)}@example.com` } = {}) {
      const passwordHash = await app.deps.passwords.hash(PASSWORD);
      const userId = await insertActiveUser(app.deps.db, { email, passwordHash, role });
      if (userId === null) throw new Error(`${email} is taken`);
      const client = createCinemaClient({ baseUrl: url, EventSource, fetch: watchedFetch });
      await client.$session.signIn({ email, password: PASSWORD });
      return { client, userId, email };
    },
    async rest(method, path, { viewer, body, headers } = {}) {
      const token = await viewer?.client.$session.accessToken();
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const contentType = response.headers.get('content-type');
      const answer = {
        status: response.status,
        headers: response.headers,
        body: text === '' ? undefined : isJson(contentType) ? JSON.parse(text) : text,
      };
      assertDocumented(method, path, { ...answer, contentType });
      return answer;
    },
    async startReplica(more) {
      const replica = await start(more);
      replicas.push(replica);
      return replica;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([app, ...replicas].map((each) => each.stop()));
      await Promise.all([stripe.stop(), inbox.stop()]);
      await database[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
      if (undocumented.size > 0) throw new Error(`The document knows nothing of ${[...undocumented].join(', ')}`);
    },
  };
}

function isJson(contentType: string | null): boolean {
  return /^application\/(problem\+)?json\b/.test(contentType ?? '');
}

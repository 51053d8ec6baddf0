/**
 * Tells whether the time of an answer tells that somebody has an address: sends pairs of requests to a real cinema, one
 * for a known and one for an unknown address in random order, and prints how well time alone separates them.
 */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { Db } from '@online-cinema/db/open';
import { createPasswords, PRODUCTION_COST } from '@online-cinema/server/lib/passwords';
import { sql } from 'kysely';
import { type MeasuredCinema, startMeasuredCinema } from './cinema.ts';
import { createRandom, median, separate } from './timing/statistics.ts';

const PAIRS = 200;
const WARM_UP_PAIRS = 20;

type Kind = 'unknown' | 'stranger' | 'pending' | 'active';
/** Addresses differ in no more than a letter and a number. */
const STEMS: Record<Kind, string> = { unknown: 'u', stranger: 's', pending: 'p', active: 'a' };

type Case = { name: string; path: string; password?: string; known: Kind };

const CASES: Case[] = [
  { name: 'login, wrong password', path: 'login', password: 'Wrong-Popcorn-1', known: 'active' },
  { name: 'login, wrong password', path: 'login', password: 'Wrong-Popcorn-1', known: 'pending' },
  { name: 'another activation', path: 'resend-activation', known: 'pending' },
  { name: 'another activation', path: 'resend-activation', known: 'active' },
  { name: 'a new password', path: 'request-password-reset', known: 'active' },
  // What chance alone makes: nobody has either address.
  { name: 'a new password', path: 'request-password-reset', known: 'stranger' },
];

const seed = Number(process.env['BENCH_SEED'] || Math.floor(Math.random() * 1_000_000));
const random = createRandom(seed);
let requests = 0;

// With all in one process the worker's load may tell too what the answer does not.
const PROCESS = process.env['PROCESS'] || 'all';

console.log(`${PAIRS} pairs each, after ${WARM_UP_PAIRS}; PROCESS=${PROCESS} BENCH_SEED=${seed}\n`);
console.log('| request | known address | median known, ms | median unknown, ms | AUC | 95 % |');
console.log('| --- | --- | --: | --: | --: | --- |');
// Each request says that it comes from elsewhere: the limits are on, and this is not about them.
await using cinema = await startMeasuredCinema({ PROCESS, TRUST_PROXY: '1' });
await addUsers(cinema.db);
for (const [index, each] of CASES.entries()) {
  await measurePairs(cinema, each, { first: index * 1_000, count: WARM_UP_PAIRS });
  const { known, unknown } = await measurePairs(cinema, each, { first: index * 1_000 + WARM_UP_PAIRS, count: PAIRS });
  if (PROCESS !== 'api') await untilQuiet(cinema.db);
  const { auc, low, high } = separate(known, unknown);
  const figures = [median(known).toFixed(2), median(unknown).toFixed(2), auc.toFixed(3)];
  console.log(`| ${[each.name, each.known, ...figures, `${low.toFixed(3)} to ${high.toFixed(3)}`].join(' | ')} |`);
}

/** An address for every pair of every case, and the accounts behind those of some kinds; these share a password. */
async function addUsers(db: Db): Promise<void> {
  const passwordHash = await createPasswords(PRODUCTION_COST).hash('Right-Popcorn-1');
  for (const kind of ['pending', 'active'] as const) {
    await sql`
      with created as (
        insert into users (email, password_hash, is_active, activated_at)
        select ${STEMS[kind]} || lpad(number::text, 6, '0') || '@bench.example', ${passwordHash},
          ${kind === 'active'}, ${kind === 'active' ? sql`now()` : null}
        from generate_series(0, ${CASES.length * 1_000}) as number
        returning id
      )
      insert into profiles (user_id) select id from created`.execute(db);
  }
  await sql`vacuum analyze users`.execute(db);
}

function addressOf(kind: Kind, pair: number): string {
  return `${STEMS[kind]}${String(pair).padStart(6, '0')}@bench.example`;
}

async function measurePairs(
  { url }: MeasuredCinema,
  { path, password, known }: Case,
  { first, count }: { first: number; count: number },
): Promise<{ known: number[]; unknown: number[] }> {
  const times = { known: [] as number[], unknown: [] as number[] };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let pair = first; pair < first + count; pair += 1) {
    const sides = random() < 0.5 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
    for (const side of sides) {
      const body = { email: addressOf(side === 'known' ? known : 'unknown', pair), password };
      times[side].push(await timeRequest(agent, `${url}/api/v1/accounts/${path}`, body));
    }
  }
  agent.destroy();
  return times;
}

/** Sends one request, and gives how long its answer took, in ms. */
async function timeRequest(agent: Agent, url: string, body: object): Promise<number> {
  requests += 1;
  const from = `198.18.${Math.floor(requests / 250)}.${requests % 250}`;
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': from };
  const sent = request(url, { method: 'POST', agent, headers });
  const startedAt = performance.now();
  sent.end(JSON.stringify(body));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  for await (const _ of answer);
  const elapsedMs = performance.now() - startedAt;
  if (answer.statusCode !== 200 && answer.statusCode !== 401) throw new Error(`${url} answered ${answer.statusCode}`);
  return elapsedMs;
}

/** Waits until the worker has nothing left to do, so that one case does not slow down the next. */
async function untilQuiet(db: Db): Promise<void> {
  for (;;) {
    const { rows } = await sql`
      select from boss.job where state in ('created', 'active') and name like 'accounts.%' limit 1`.execute(db);
    if (rows.length === 0) return;
    await setTimeout(200);
  }
}

import { createHash, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { Db } from '@online-cinema/db/open';
import superjson from 'superjson';
import type { Caller, Context } from './context.ts';
import { type Claim, deleteClaim, insertClaim, selectKept, setOutput } from './idempotency-queries.ts';
import { addSeconds } from './lib/clock.ts';
import { AppError } from './lib/errors.ts';

/** How long an answer is kept. */
const KEPT_SECONDS = 86_400;

/** How long a try may take before it is given up for dead: longer than the gateway may, three times over. */
const CLAIM_SECONDS = 60;

/** When to look again whether the same request, which came before, is answered. Together about five seconds. */
const PAUSES_MS = [20, 40, 80, 160, 300, 400, 500, 500, 500, 500, 500, 500, 500, 500];

/**
 * Keeps the answer of an act, in the transaction that commits it: whoever repeats the request then gets this answer, also
 * if nobody lived to send it.
 */
export type Keep<Output> = (trx: Db, output: Output) => Promise<void>;

/**
 * Does what a request asks for once, however often the same user sends it with the same `Idempotency-Key` within a day.
 * The first does it, the others get its answer; those that come meanwhile wait a few seconds for it. Refusals are not
 * kept. Without a key it is simply done.
 *
 * `act` must hand its output to `keep` in the transaction that commits what it does. The procedure says `idempotent` in
 * its metadata, so that the header is documented.
 *
 * @throws AppError `idempotency_conflict` when the key was used for another procedure or input, `invalid_input` when it
 * is no key, `unavailable` when the same request is under way for too long.
 */
export async function once<Output>(
  { deps, caller, idempotencyKey }: Pick<Context, 'deps' | 'idempotencyKey'> & { caller: Caller },
  { path, input }: { path: string; input: unknown },
  act: (keep: Keep<Output>) => Promise<Output>,
): Promise<Output> {
  if (idempotencyKey === undefined) return await act(async () => {});
  const { db, clock } = deps;
  const call = {
    userId: caller.userId,
    key: readKey(idempotencyKey),
    procedure: path,
    // Of the input as it was understood: each schema writes its fields in one order.
    inputHash: createHash('sha256').update(superjson.stringify(input)).digest(),
  };
  for (const pauseMs of [...PAUSES_MS, 0]) {
    const claim = { ...call, claimId: randomUUID() };
    const now = clock.now();
    const until = { claimedUntil: addSeconds(now, CLAIM_SECONDS), expiresAt: addSeconds(now, KEPT_SECONDS) };
    if (await insertClaim(db, { ...claim, ...until }, now)) return await actOn(db, claim, act);
    const kept = await selectKept(db, call);
    // A refusal left nothing behind meanwhile.
    if (!kept) continue;
    if (!kept.isSame) throw new AppError('idempotency_conflict');
    if (kept.output !== null) return superjson.parse<Output>(kept.output);
    await setTimeout(pauseMs);
  }
  throw new AppError('unavailable', { retryAfterSeconds: 5 });
}

function readKey(header: string | string[]): string {
  if (typeof header === 'string' && /^[\x20-\x7e]{1,255}$/.test(header)) return header;
  const message = '1 to 255 printable ASCII characters.';
  throw new AppError('invalid_input', { issues: [{ path: ['Idempotency-Key'], message }] });
}

async function actOn<Output>(db: Db, claim: Claim, act: (keep: Keep<Output>) => Promise<Output>): Promise<Output> {
  try {
    return await act(async (trx, output) => {
      // It took so long that somebody else has taken over: what he does counts, and this must not be committed.
      if (!(await setOutput(trx, claim, superjson.stringify(output)))) throw new AppError('unavailable');
    });
  } catch (error) {
    // The refusal is what matters. A claim that can't be given back now runs out.
    await deleteClaim(db, claim).catch(() => {});
    throw error;
  }
}

import type { Role } from '@online-cinema/contract/roles';
import type { Db } from '@online-cinema/db/open';
import type { Caller } from './context.ts';
import { plainAddress } from './lib/addresses.ts';

/** Who of the staff acts, and from where; null where nobody is signed in: the command line, the first setup. */
export type Actor = { userId: string; role: Role; ip: string } | null;

/** Who of the staff acts in a call, and in which session. */
export type CallingActor = NonNullable<Actor> & Pick<Caller, 'sessionId'>;

/** Who acts in a call. */
export function actorOf({ caller, ip }: { caller: Caller; ip: string }): CallingActor {
  return { userId: caller.userId, role: caller.role, sessionId: caller.sessionId, ip };
}

/** One act of the staff. */
export type Act = {
  actor: Actor;
  /** What was done, as its procedure is called: `users.changeRole`. */
  action: `${string}.${string}`;
  /** To what: the kind of thing, in the singular, and its id. */
  target: { kind: string; id: string };
  /** What else tells the act: before and after, a note. No names or addresses of people: entries are never erased. */
  details?: Record<string, string | number | boolean | null>;
};

/** Writes down an act, in the transaction of the act: it is on record if and only if it happened. */
export async function audit(trx: Db, { actor, action, target, details = {} }: Act): Promise<void> {
  await trx
    .insertInto('auditEntries')
    .values({
      actorId: actor?.userId ?? null,
      actorRole: actor?.role ?? null,
      ip: actor && plainAddress(actor.ip),
      action,
      targetKind: target.kind,
      targetId: target.id,
      details: JSON.stringify(details),
    })
    .execute();
}

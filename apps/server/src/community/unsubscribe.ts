import { NOTIFICATION_KINDS, type NotificationKind } from '@online-cinema/contract/notifications';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { upsertPreference } from './notifications-queries.ts';

/** The address that ends mails of a kind to a user, for whoever holds one of them: without a session, and for good. */
export function unsubscribeUrl(
  { config, oneTimeTokens }: Pick<Deps, 'oneTimeTokens'> & { config: Pick<Deps['config'], 'publicUrl'> },
  userId: string,
  kind: NotificationKind,
): string {
  return `${config.publicUrl}/unsubscribe/${kind}/${oneTimeTokens.derive(`unsubscribe.${kind}`, userId)}`;
}

/** What an address of {@link unsubscribeUrl} is good for. */
export type Subscription = { userId: string; kind: NotificationKind };

/**
 * Reads an address of {@link unsubscribeUrl}.
 *
 * @throws AppError `not_found` when it was not made here.
 */
export function readUnsubscribe(
  { oneTimeTokens }: Pick<Deps, 'oneTimeTokens'>,
  address: { kind: string; token: string },
): Subscription {
  const kind = NOTIFICATION_KINDS.find((known) => known === address.kind);
  const userId = kind && oneTimeTokens.verify(`unsubscribe.${kind}`, address.token);
  if (!kind || !userId) throw new AppError('not_found');
  return { userId, kind };
}

/** Ends mails of a kind to a user; what is told in the app stays. */
export async function unsubscribe({ db }: Pick<Deps, 'db'>, subscription: Subscription): Promise<void> {
  await upsertPreference(db, { ...subscription, email: false });
}

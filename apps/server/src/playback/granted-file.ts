import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { type GrantedRow, selectGrantedFile } from './queries.ts';
import { createMeter, type Meter } from './served.ts';
import { keepStream } from './streams.ts';

/** A file that may be served: its key in the storage, its type, and how long the grant is still good. */
export type GrantedFile = {
  key: string;
  contentType: string;
  lifeSeconds: number;
  /** Counts what is sent of it; null: it is not what one watches. */
  meter: Meter | null;
};

type GrantDeps = Pick<Deps, 'db' | 'config' | 'mediaGrants' | 'clock' | 'log'>;
type GrantedRef = { grant: string; assetId: string; path: string };

/**
 * Finds the file a grant gives leave to read. The purchase is asked for anew each time, so a refund acts at once; and a
 * request for bytes tells that the stream lives.
 *
 * @throws AppError `invalid_grant`, `not_found`, `too_many_streams`.
 */
export async function openGrantedFile(deps: GrantDeps, ref: GrantedRef): Promise<GrantedFile> {
  const { file, ownerId, expiresAt } = await checkGrant(deps, ref);
  const { folder, contentType } = file;
  return {
    key: `${folder}/${ref.path}`,
    contentType,
    lifeSeconds: (expiresAt.getTime() - deps.clock.now().getTime()) / 1000,
    meter:
      ownerId === null
        ? null
        : createMeter(deps, { ...file, userId: ownerId }, async () => (await checkGrant(deps, ref)).file.served),
  };
}

/** `ownerId` is null where anybody may read: a trailer. */
async function checkGrant(
  deps: GrantDeps,
  { grant: text, assetId, path }: GrantedRef,
): Promise<{ file: GrantedRow; ownerId: string | null; expiresAt: Date }> {
  const grant = deps.mediaGrants.read(text);
  if (!grant || grant.assetId !== assetId || grant.expiresAt <= deps.clock.now()) throw new AppError('invalid_grant');
  const file = await selectGrantedFile(deps.db, { assetId, path }, grant);
  if (!file) throw new AppError('not_found');
  const { expiresAt, streamId } = grant;
  if (file.assetKind === 'trailer') return { file, ownerId: null, expiresAt };
  const { ownerId, lastSeenAt } = file;
  if (ownerId === null || streamId === null || lastSeenAt === null) throw new AppError('invalid_grant');
  const others = await keepStream(deps, { id: streamId, userId: ownerId }, lastSeenAt);
  // What else the account plays is not for everybody who has an address.
  if (others) throw new AppError('too_many_streams');
  return { file, ownerId, expiresAt };
}

import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { selectGrantedFile } from './queries.ts';
import { keepStream } from './streams.ts';

/** A file that may be served: its key in the storage, its type, and how long the grant is still good. */
export type GrantedFile = { key: string; contentType: string; lifeSeconds: number };

/**
 * Finds the file a grant gives leave to read. The purchase is asked for anew each time, so a refund acts at once; and a
 * request for bytes tells that the stream lives.
 *
 * @throws AppError `invalid_grant`, `not_found`, `too_many_streams`.
 */
export async function openGrantedFile(
  deps: Pick<Deps, 'db' | 'config' | 'mediaGrants' | 'clock'>,
  { grant: text, assetId, path }: { grant: string; assetId: string; path: string },
): Promise<GrantedFile> {
  const { db, mediaGrants, clock } = deps;
  const grant = mediaGrants.read(text);
  const now = clock.now();
  if (!grant || grant.assetId !== assetId || grant.expiresAt <= now) throw new AppError('invalid_grant');
  const file = await selectGrantedFile(db, { assetId, path }, grant);
  if (!file) throw new AppError('not_found');
  if (file.kind === 'feature') {
    const { ownerId, lastSeenAt } = file;
    if (ownerId === null || grant.streamId === null || lastSeenAt === null) throw new AppError('invalid_grant');
    const others = await keepStream(deps, { id: grant.streamId, userId: ownerId }, lastSeenAt);
    // What else the account plays is not for everybody who has an address.
    if (others) throw new AppError('too_many_streams');
  }
  return {
    key: `${file.folder}/${path}`,
    contentType: file.contentType,
    lifeSeconds: (grant.expiresAt.getTime() - now.getTime()) / 1000,
  };
}

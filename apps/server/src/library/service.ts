import type { LibraryItem } from '@online-cinema/contract/library';
import type { Page, PageInput } from '@online-cinema/contract/common';
import { toCard } from '../catalogue/cards.ts';
import type { Deps } from '../deps.ts';
import { bindingOf, readCursor, toPage } from '../lib/paging.ts';
import { countLibrary, selectLibraryPage } from './queries.ts';

/** The films a viewer owns, newest first, with how far each was watched. */
export async function listLibrary(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  userId: string,
  { limit, cursor }: PageInput,
): Promise<Page<LibraryItem>> {
  const binding = bindingOf({ list: 'library', userId });
  const position = readCursor(cursor, binding);
  const [rows, total] = await Promise.all([
    selectLibraryPage(db, { userId, position, limit: limit + 1 }),
    position ? null : countLibrary(db, userId),
  ]);
  return toPage(rows, { limit, binding, total }, (row) => {
    const { boughtAt, positionSeconds, durationSeconds, watchedAt, progressUpdatedAt, cursorId: _id, cursorKey: _key, ...card } = row;
    const isStarted = positionSeconds !== null && durationSeconds !== null && progressUpdatedAt !== null;
    return {
      movie: toCard(config, card),
      boughtAt,
      progress: isStarted
        ? { position: positionSeconds, duration: durationSeconds, watchedAt, updatedAt: progressUpdatedAt }
        : null,
    };
  });
}

import type { Page, PageInput } from '@online-cinema/contract/common';
import type { LibraryItem } from '@online-cinema/contract/library';
import { toCard } from '../catalogue/cards.ts';
import type { Deps } from '../deps.ts';
import { readPage } from '../lib/paging.ts';
import { countLibrary, LIBRARY_SORT, selectLibraryPage } from './queries.ts';

/** The films a viewer owns, last bought first, with how far each was watched. @throws AppError `invalid_cursor`. */
export async function listLibrary(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  userId: string,
  page: PageInput,
): Promise<Page<LibraryItem>> {
  return await readPage(page, {
    query: { list: 'library', userId },
    sort: LIBRARY_SORT,
    select: (position, limit) => selectLibraryPage(db, { userId, position, limit }),
    count: () => countLibrary(db, userId),
    toItem: ({ boughtAt, positionSeconds, durationSeconds, watchedAt, progressUpdatedAt, ...card }) => ({
      movie: toCard(config, card),
      boughtAt,
      progress:
        positionSeconds !== null && durationSeconds !== null && progressUpdatedAt !== null
          ? { position: positionSeconds, duration: durationSeconds, watchedAt, updatedAt: progressUpdatedAt }
          : null,
    }),
  });
}

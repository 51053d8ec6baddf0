import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openDb } from '@online-cinema/db/open';
import { createFileStorage } from '@online-cinema/server/lib/storage';
import { insertReadyAsset, type MediaFile } from '@online-cinema/server/media/queries';
import { SEED_CLIPS } from '../seed/clips.ts';
import type { Cinema, Place } from './cinema.ts';

const FOLDER = fileURLToPath(new URL('hls', import.meta.url));
const DURATION_SECONDS = 120;

const TYPES: Record<string, string> = {
  m3u8: 'application/vnd.apple.mpegurl',
  mp4: 'video/mp4',
  m4s: 'video/iso.segment',
};

/** Gives somebody a film of two minutes, as HLS with captions; `make-hls.sh` made it. */
export async function giveHlsFilm(cinema: Cinema, place: Place, email: string): Promise<{ slug: string }> {
  const storage = createFileStorage(join(place.dataDir, 'storage'));
  const folder = `media/${crypto.randomUUID()}`;
  const files: MediaFile[] = [];
  const add = async (path: string, source: string | URL, kind: MediaFile['kind'], contentType: string) => {
    const sizeBytes = await storage.put(`${folder}/${path}`, await readFile(source));
    files.push({ path, kind, contentType, sizeBytes });
  };
  const clip = SEED_CLIPS[0];
  const captions = clip?.captions[0];
  if (!clip || !captions) throw new Error('The seed has no clip.');
  // The same film in both forms would be played in one of them only: the plain file is there for who can't play HLS.
  await add('movie.mp4', clip.file, 'mp4', clip.contentType);
  await add('tracks/en.vtt', captions.file, 'track', 'text/vtt; charset=utf-8');
  for (const entry of await readdir(FOLDER, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const contentType = TYPES[entry.name.split('.').at(-1) ?? ''] ?? '';
    await add(`hls/${source.slice(FOLDER.length + 1)}`, source, 'hls', contentType);
  }
  const db = openDb({ url: cinema.databaseUrl });
  try {
    const film = await db
      .selectFrom('movies')
      .where('hasVideo', '=', false)
      .where('withdrawnAt', 'is', null)
      .orderBy('votes', 'desc')
      .select(['id', 'slug'])
      .executeTakeFirstOrThrow();
    const about = { folder, files, sizeBytes: 1, durationSeconds: DURATION_SECONDS, width: 160, height: 90 };
    const tracks = [{ language: 'en', label: 'English', path: 'tracks/en.vtt' }];
    await insertReadyAsset(db, { ...about, tracks, movieId: film.id, kind: 'feature' });
    await db
      .insertInto('libraryMovies')
      .columns(['userId', 'movieId'])
      .expression((eb) =>
        eb
          .selectFrom('users')
          .where('email', '=', email)
          .select((select) => ['id', select.val(film.id).as('movieId')]),
      )
      .execute();
    return film;
  } finally {
    await db.destroy();
  }
}

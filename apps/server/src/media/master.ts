import { type AssetRow, lockPresent, type MadeRung, selectRungs, upsertFiles } from './queries.ts';
import type { MediaDeps } from './run.ts';

/** The master playlist of an asset. */
const MASTER_PATH = 'hls/master.m3u8';

/**
 * Writes the master playlist of the rungs there are, and names it. Of two who write it at once, each looks whether a rung
 * has come since, so that the last to write knows all of them.
 */
export async function publishLadder(
  { db, storage }: Pick<MediaDeps, 'db' | 'storage'>,
  { id, folder }: Pick<AssetRow, 'id' | 'folder'>,
): Promise<void> {
  let playlist = masterPlaylist(await selectRungs(db, id));
  while (playlist !== null) {
    const sizeBytes = await storage.put(`${folder}/${MASTER_PATH}`, Buffer.from(playlist));
    const file = { path: MASTER_PATH, kind: 'hls' as const, contentType: 'application/vnd.apple.mpegurl', sizeBytes };
    const written = playlist;
    const isWhole = await db.transaction().execute(async (trx) => {
      await lockPresent(trx, id);
      playlist = masterPlaylist(await selectRungs(trx, id));
      if (playlist !== written) return false;
      await upsertFiles(trx, id, [file]);
      return true;
    });
    if (isWhole) return;
  }
}

/** What all sounds of a film are called together (RFC 8216, 4.3.4.1.1). */
const GROUP = 'audio';
/** What they are made into. */
const SOUND_CODEC = 'mp4a.40.2';

/**
 * Writes the master playlist: the sounds, where there is a choice of them, and the rungs there are, the lowest first.
 * Null: there is no rung yet.
 */
function masterPlaylist(made: readonly MadeRung[]): string | null {
  const rungs = inOrder(made, /^hls\/(\d+)p\//);
  const sounds = inOrder(made, /^hls\/audio-(\d+)\//);
  if (rungs.length === 0) return null;
  const media = sounds.map(({ path, streamInfo }) => {
    const attributes = streamInfo.replace(/^BANDWIDTH=\d+,AVERAGE-BANDWIDTH=\d+,/, '');
    return `#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${GROUP}",${attributes},URI="${fromMaster(path)}"\n`;
  });
  const streams = rungs.map(({ path, streamInfo }) => {
    const attributes = sounds.length === 0 ? streamInfo : withSounds(streamInfo, sounds);
    return `#EXT-X-STREAM-INF:${attributes}\n${fromMaster(path)}\n`;
  });
  return ['#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n', ...media, ...streams].join('');
}

/** What is said of a rung is said of it with the sound that takes most. */
function withSounds(streamInfo: string, sounds: readonly MadeRung[]): string {
  const loudest = (pattern: RegExp) => Math.max(...sounds.map((sound) => Number(pattern.exec(sound.streamInfo)?.[1])));
  const [peak, average] = [loudest(/^BANDWIDTH=(\d+)/), loudest(/,AVERAGE-BANDWIDTH=(\d+)/)];
  const attributes = streamInfo
    .replace(/^BANDWIDTH=(\d+)/, (_, bits: string) => `BANDWIDTH=${Number(bits) + peak}`)
    .replace(/,AVERAGE-BANDWIDTH=(\d+)/, (_, bits: string) => `,AVERAGE-BANDWIDTH=${Number(bits) + average}`)
    .replace(/CODECS="([^"]+)"/, `CODECS="$1,${SOUND_CODEC}"`);
  return `${attributes},AUDIO="${GROUP}"`;
}

function inOrder(made: readonly MadeRung[], place: RegExp): MadeRung[] {
  const numberOf = ({ path }: MadeRung) => Number(place.exec(path)?.[1]);
  return made.filter(({ path }) => place.test(path)).toSorted((one, other) => numberOf(one) - numberOf(other));
}

function fromMaster(path: string): string {
  return path.replace(/^hls\//, '');
}

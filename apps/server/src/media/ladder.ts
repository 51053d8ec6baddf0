import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TRANSCODE_THREADS } from '../lib/ffmpeg.ts';
import { toEven } from './picture-size.ts';
import type { MadeRung } from './queries.ts';

/** One picture size of the ladder. */
export type Rung = { height: number; maxKbps: number };

const RUNGS: readonly Rung[] = [
  { height: 360, maxKbps: 900 },
  { height: 720, maxKbps: 2_800 },
  { height: 1080, maxKbps: 5_500 },
];

/** How long the segments of a rung are; the last may be shorter. */
export const SEGMENT_SECONDS = 6;

/** The rungs no higher than the source; of a lower source, one of its own height. */
export function rungsFor(sourceHeight: number): Rung[] {
  const rungs = RUNGS.filter(({ height }) => height <= sourceHeight);
  const [lowest] = RUNGS;
  return rungs.length > 0 || !lowest ? rungs : [{ ...lowest, height: Math.max(2, sourceHeight - (sourceHeight % 2)) }];
}

/** The folder of a rung below the asset's. */
export function rungFolder({ height }: Rung): string {
  return `hls/${height}p`;
}

/** What makes H.264 and AAC of a film, as every browser plays them. */
export function encodingArgs(video: { crf: number; preset: string; maxKbps: number }): string[] {
  return [
    ['-map', '0:V:0', '-map', '0:a:0?', '-map_metadata', '-1', '-threads', String(TRANSCODE_THREADS)],
    // A file may claim a thousand pictures a second, and have few: streams would be filled up with copies.
    ['-fpsmax', '60'],
    ['-c:v', 'libx264', '-profile:v', 'high', '-preset', video.preset, '-crf', String(video.crf)],
    ['-maxrate', `${video.maxKbps}k`, '-bufsize', `${2 * video.maxKbps}k`],
    ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'],
  ].flat();
}

/** What makes a rung: a playlist with its segments, in the folder ffmpeg runs in. Pictures are cut at the same moments on each. */
export function rungArgs({ height, maxKbps }: Rung, source: { width: number; height: number }): string[] {
  const width = Math.min(toEven((source.width * height) / source.height), toEven(source.width));
  return [
    encodingArgs({ crf: 23, preset: 'veryfast', maxKbps }),
    ['-vf', `scale=${width}:${height},format=yuv420p`],
    ['-force_key_frames', `expr:gte(t,n_forced*${SEGMENT_SECONDS})`, '-sc_threshold', '0'],
    ['-f', 'hls', '-hls_time', String(SEGMENT_SECONDS), '-hls_playlist_type', 'vod'],
    ['-hls_segment_type', 'fmp4', '-hls_flags', 'independent_segments', '-hls_fmp4_init_filename', 'init.mp4'],
    ['-master_pl_name', 'master.m3u8', '-hls_segment_filename', 'segment-%05d.m4s', 'index.m3u8'],
  ].flat();
}

/** The files of a rung that was made. */
export async function listRung(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^(?:index\.m3u8|init\.mp4|segment-\d+\.m4s)$/.test(name)).sort();
}

/** Reads what the master playlist says of a rung that was made; ffmpeg knows size and codecs, the files their bits. */
export async function describeRung(folder: string): Promise<string> {
  const [made, playlist] = await Promise.all([
    readFile(join(folder, 'master.m3u8'), 'utf8'),
    readFile(join(folder, 'index.m3u8'), 'utf8'),
  ]);
  const attributes = /^#EXT-X-STREAM-INF:(.+)$/m.exec(made)?.[1] ?? '';
  const known = attributes.match(/(?:RESOLUTION=[^,]+|CODECS="[^"]+"|FRAME-RATE=[^,]+)/g) ?? [];
  const segments = [...playlist.matchAll(/^#EXTINF:([\d.]+),[^\n]*\n(\S+)$/gm)];
  let [peak, bits, seconds] = [0, 0, 0];
  for (const [, length = '0', name = ''] of segments) {
    const { size } = await stat(join(folder, name));
    peak = Math.max(peak, (8 * size) / Number(length));
    [bits, seconds] = [bits + 8 * size, seconds + Number(length)];
  }
  const rates = [`BANDWIDTH=${Math.ceil(peak)}`, `AVERAGE-BANDWIDTH=${Math.ceil(bits / seconds)}`];
  return [...rates, ...known].join(',');
}

/** Writes the master playlist of the rungs there are, the lowest first. */
export function masterPlaylist(rungs: readonly MadeRung[]): string {
  const heightOf = ({ path }: MadeRung) => Number(/^hls\/(\d+)p\//.exec(path)?.[1]);
  const streams = rungs
    .toSorted((one, other) => heightOf(one) - heightOf(other))
    .map(({ path, streamInfo }) => `#EXT-X-STREAM-INF:${streamInfo}\n${path.replace(/^hls\//, '')}\n`);
  return `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n${streams.join('')}`;
}

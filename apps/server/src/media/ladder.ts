import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TRANSCODE_THREADS } from '../lib/ffmpeg.ts';

/** One picture size of the ladder. */
export type Rung = { height: number; maxKbps: number };

const RUNGS: readonly Rung[] = [
  { height: 360, maxKbps: 900 },
  { height: 720, maxKbps: 2_800 },
  { height: 1080, maxKbps: 5_500 },
];

const SEGMENT_SECONDS = 6;

/** The master playlist of an asset. */
export const MASTER_PATH = 'hls/master.m3u8';

/** The rungs no higher than the source; of a lower source, one of its own height. */
export function rungsFor(sourceHeight: number): Rung[] {
  const rungs = RUNGS.filter(({ height }) => height <= sourceHeight);
  const [lowest] = RUNGS;
  return rungs.length > 0 || !lowest ? rungs : [{ ...lowest, height: sourceHeight - (sourceHeight % 2) }];
}

/** The folder of a rung below the asset's. */
export function rungFolder({ height }: Rung): string {
  return `hls/${height}p`;
}

/** What makes H.264 and AAC of a film, as every browser plays them. */
export function encodingArgs(video: { crf: number; preset: string }): string[] {
  return [
    ['-map', '0:V:0', '-map', '0:a:0?', '-map_metadata', '-1', '-threads', String(TRANSCODE_THREADS)],
    // A file may claim a thousand pictures a second, and have few: streams would be filled up with copies.
    ['-fpsmax', '60'],
    ['-c:v', 'libx264', '-profile:v', 'high', '-preset', video.preset, '-crf', String(video.crf)],
    ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'],
  ].flat();
}

/** What makes a rung: a playlist with its segments, in the folder ffmpeg runs in. Pictures are cut at the same moments on each. */
export function rungArgs({ height, maxKbps }: Rung): string[] {
  return [
    encodingArgs({ crf: 23, preset: 'veryfast' }),
    ['-vf', `scale=-2:${height},format=yuv420p`, '-maxrate', `${maxKbps}k`, '-bufsize', `${2 * maxKbps}k`],
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
export async function describeRung(folder: string, rung: Rung): Promise<string> {
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
  return `#EXT-X-STREAM-INF:${[...rates, ...known].join(',')}\n${rung.height}p/index.m3u8\n`;
}

/** Puts a rung into a master playlist, in the place of the one of its height; `null`: there is no playlist yet. */
export function addToMaster(master: string | null, rung: Rung, description: string): string {
  const others = [...(master ?? '').matchAll(/^#EXT-X-STREAM-INF:.+\n(\d+)p\/index\.m3u8\n/gm)]
    .map(([text, height]) => ({ text, height: Number(height) }))
    .filter(({ height }) => height !== rung.height);
  const all = [...others, { text: description, height: rung.height }].sort((one, other) => one.height - other.height);
  return `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n${all.map(({ text }) => text).join('')}`;
}

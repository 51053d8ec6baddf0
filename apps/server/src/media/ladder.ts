import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TRANSCODE_THREADS } from '../lib/ffmpeg.ts';
import { toEven, toEvenWithin } from './picture-size.ts';

type Size = { width: number; height: number };

/** One picture size of the ladder. */
export type Rung = Size & { maxKbps: number };

/** What the picture of a rung has to fit into; one that is higher than wide, into it turned. */
const CLASSES: readonly { long: number; short: number; maxKbps: number }[] = [
  { long: 640, short: 360, maxKbps: 900 },
  { long: 1_280, short: 720, maxKbps: 2_800 },
  { long: 1_920, short: 1_080, maxKbps: 5_500 },
];
/** Two rungs are to differ by more than this. */
const NEARLY = 0.85;

/** How long the segments of a rung are; the last may be shorter. */
export const SEGMENT_SECONDS = 6;
/** Of what is heard with any rung. */
export const SOUND_KBPS = 128;

/** The rungs a film has: none larger than it is, and the highest its own size, as far as that is Full HD. */
export function rungsFor(source: Size): Rung[] {
  const [long, short] = [Math.max(source.width, source.height), Math.min(source.width, source.height)];
  const scales = CLASSES.map((each) => ({ ...each, scale: Math.min(1, each.long / long, each.short / short) }));
  const rungs: Rung[] = [];
  for (const [place, { scale, maxKbps }] of scales.entries()) {
    const next = scales[place + 1];
    const isNearlyWhole = scale > NEARLY && next !== undefined && scale < 1;
    if (!isNearlyWhole) rungs.push({ ...scaled(source, scale), maxKbps });
    if (scale === 1) break;
  }
  // Each has its folder by its height: of a ribbon, several may have the same.
  return rungs.filter(({ height }, place) => height !== rungs[place + 1]?.height);
}

function scaled({ width, height }: Size, scale: number): Size {
  const side = (pixels: number) => Math.min(toEven(pixels * scale), toEvenWithin(pixels));
  return { width: side(width), height: side(height) };
}

/** The folder of a rung below the asset's. */
export function rungFolder({ height }: Rung): string {
  return `hls/${height}p`;
}

/** What makes H.264 of a film, and AAC of what `sounds` maps, as every browser plays them. */
export function encodingArgs(video: { crf: number; preset: string; maxKbps: number; sounds: string[] }): string[] {
  return [
    ['-map', '0:V:0', ...video.sounds, '-map_metadata', '-1', '-threads', String(TRANSCODE_THREADS)],
    // A file may claim a thousand pictures a second, and have few: streams would be filled up with copies.
    ['-fpsmax', '60'],
    ['-c:v', 'libx264', '-profile:v', 'high', '-preset', video.preset, '-crf', String(video.crf)],
    ['-maxrate', `${video.maxKbps}k`, '-bufsize', `${2 * video.maxKbps}k`],
    ['-c:a', 'aac', '-b:a', `${SOUND_KBPS}k`, '-ac', '2'],
  ].flat();
}

/** What makes a rung: a playlist with its segments, in the folder ffmpeg runs in. Pictures are cut at the same moments on each. */
export function rungArgs({ width, height, maxKbps }: Rung, sounds: string[]): string[] {
  return [
    encodingArgs({ crf: 23, preset: 'veryfast', maxKbps, sounds }),
    ['-vf', `scale=${width}:${height},format=yuv420p`],
    ['-force_key_frames', `expr:gte(t,n_forced*${SEGMENT_SECONDS})`, '-sc_threshold', '0'],
    ['-master_pl_name', 'master.m3u8', ...hlsArgs('.')],
  ].flat();
}

/** What makes a playlist with its segments, in a folder below the one ffmpeg runs in. */
export function hlsArgs(folder: string): string[] {
  return [
    // Each track begins with what its codec needs before the first moment. Told otherwise than by one edit, browsers don't
    // know, and show the picture up to 60 ms after the sound.
    ['-avoid_negative_ts', 'disabled'],
    ['-f', 'hls', '-hls_time', String(SEGMENT_SECONDS), '-hls_playlist_type', 'vod'],
    ['-hls_segment_type', 'fmp4', '-hls_flags', 'independent_segments', '-hls_fmp4_init_filename', 'init.mp4'],
    ['-hls_segment_filename', join(folder, 'segment-%05d.m4s'), join(folder, 'index.m3u8')],
  ].flat();
}

/** The files of a playlist that was made, itself among them. */
export async function listRung(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => /^(?:index\.m3u8|init\.mp4|segment-\d+\.m4s)$/.test(name)).sort();
}

/** Reads what the master playlist says of a rung that was made; ffmpeg knows size and codecs, the files their bits. */
export async function describeRung(folder: string): Promise<string> {
  const made = await readFile(join(folder, 'master.m3u8'), 'utf8');
  const attributes = /^#EXT-X-STREAM-INF:(.+)$/m.exec(made)?.[1] ?? '';
  const known = attributes.match(/(?:RESOLUTION=[^,]+|CODECS="[^"]+"|FRAME-RATE=[^,]+)/g) ?? [];
  return [...(await readRates(folder)), ...known].join(',');
}

/** Reads how many bits a second a playlist that was made has, at most and on average. */
export async function readRates(folder: string): Promise<string[]> {
  const playlist = await readFile(join(folder, 'index.m3u8'), 'utf8');
  const segments = [...playlist.matchAll(/^#EXTINF:([\d.]+),[^\n]*\n(\S+)$/gm)];
  let [peak, bits, seconds] = [0, 0, 0];
  for (const [, length = '0', name = ''] of segments) {
    // Of a sound that is hardly there, the last may have no length at all.
    if (Number(length) === 0) continue;
    const { size } = await stat(join(folder, name));
    peak = Math.max(peak, (8 * size) / Number(length));
    [bits, seconds] = [bits + 8 * size, seconds + Number(length)];
  }
  return [`BANDWIDTH=${Math.ceil(peak)}`, `AVERAGE-BANDWIDTH=${seconds === 0 ? 0 : Math.ceil(bits / seconds)}`];
}

import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A short film of the seed: 16 seconds, 640 by 360, H.264 and AAC, its index first. */
export async function readClip(): Promise<Buffer<ArrayBuffer>> {
  return await readFile(new URL('../../../../scripts/seed/clips/aurora.mp4', import.meta.url));
}

/** The same film with its index behind the pictures, as many cameras write it. */
export async function readClipWithIndexLast(): Promise<Buffer<ArrayBuffer>> {
  const clip = await readClip();
  const boxes: { type: string; bytes: Buffer }[] = [];
  for (let start = 0; start < clip.length;) {
    const size = clip.readUInt32BE(start);
    boxes.push({ type: clip.toString('latin1', start + 4, start + 8), bytes: clip.subarray(start, start + size) });
    start += size;
  }
  const moov = boxes.find(({ type }) => type === 'moov')?.bytes ?? Buffer.alloc(0);
  const mdatFirst = boxes.filter(({ type }) => type !== 'moov').map(({ bytes }) => bytes);
  return Buffer.concat([...mdatFirst, shiftChunks(moov, -moov.length)]);
}

// The index names places in the file: they move with the pictures.
function shiftChunks(moov: Buffer, by: number): Buffer {
  const shifted = Buffer.from(moov);
  for (let at = shifted.indexOf('stco'); at !== -1; at = shifted.indexOf('stco', at + 4)) {
    const count = shifted.readUInt32BE(at + 8);
    for (let entry = 0; entry < count; entry += 1) {
      const place = at + 12 + 4 * entry;
      shifted.writeUInt32BE(shifted.readUInt32BE(place) + by, place);
    }
  }
  return shifted;
}

/** A film with so many bytes of nothing behind it, which players skip. */
export function padVideo(video: Buffer, byteCount: number): Buffer<ArrayBuffer> {
  const padding = Buffer.alloc(byteCount);
  padding.writeUInt32BE(byteCount);
  padding.write('free', 4);
  return Buffer.concat([video, padding]);
}

const run = promisify(execFile);

/** Where there is no ffmpeg, the report says that its tests were left out. */
export const isFfmpegHere = (await canRun('ffmpeg')) && (await canRun('ffprobe'));

async function canRun(program: string): Promise<boolean> {
  return await run(program, ['-version']).then(
    () => true,
    () => false,
  );
}

/** What makes H.264 and AAC. */
export const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];

/** Makes a film of a second, unless the codecs say otherwise; an MP4 has its index last. */
export async function makeVideo(fileName: string, size: string, ...codecs: string[]): Promise<Buffer<ArrayBuffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'cinema-video-'));
  try {
    const picture = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=10`];
    const sound = ['-f', 'lavfi', '-i', 'sine=frequency=440'];
    const args = ['-loglevel', 'error', ...picture, ...sound, '-t', '1', ...codecs, join(folder, fileName)];
    await run('ffmpeg', args);
    return await readFile(join(folder, fileName));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Has a Matroska file say that it is so long: it writes that as a float of 64 bits, in milliseconds. */
export function claimLength(video: Buffer<ArrayBuffer>, ms: number): Buffer<ArrayBuffer> {
  video.writeDoubleBE(ms, video.indexOf(Buffer.from('448988', 'hex')) + 3);
  return video;
}

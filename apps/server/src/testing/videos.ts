import { readFile } from 'node:fs/promises';

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

/** The forms of a video file that are taken, and what ffmpeg calls what reads them. */
export type VideoContainer = 'mov' | 'matroska';

/** How many bytes from the start {@link recognizeVideo} wants to see. */
export const RECOGNIZABLE_BYTES = 64;

/** Tells by its first bytes what a file is: MP4 or QuickTime, or Matroska or WebM; `null`: none of them. */
export function recognizeVideo(start: Uint8Array): VideoContainer | null {
  const bytes = Buffer.from(start.buffer, start.byteOffset, start.byteLength);
  if (bytes.length >= 12 && bytes.toString('latin1', 4, 8) === 'ftyp') {
    return PICTURE_BRANDS.has(bytes.toString('latin1', 8, 12)) ? null : 'mov';
  }
  const isEbml = bytes.length >= 4 && bytes.readUInt32BE(0) === EBML_MAGIC;
  return isEbml && /matroska|webm/.test(bytes.toString('latin1', 4, RECOGNIZABLE_BYTES)) ? 'matroska' : null;
}

const EBML_MAGIC = 0x1a45dfa3;
// Pictures and sounds alone come in the same boxes.
const PICTURE_BRANDS = new Set([
  'heic',
  'heix',
  'hevc',
  'mif1',
  'msf1',
  'avif',
  'avis',
  'jp2 ',
  'crx ',
  'M4A ',
  'M4B ',
]);

/** Where things are in an MP4. */
export type Mp4Layout = {
  /** The index stands before the film: it plays from its first bytes on. */
  isFastStart: boolean;
  durationSeconds: number | null;
  /** One of its tracks has pictures; false also where that can't be read. */
  hasPicture: boolean;
};

/** Reads bytes of a file, from `start` to `end`, both among them; fewer where it ends. */
export type ReadRange = (start: number, end: number) => Promise<Uint8Array>;

/** Of a file with a hundred tracks it takes some eight hundred. */
const MOST_READS = 2_000;

/**
 * Walks the boxes of an MP4 (ISO 14496-12) as far as its index, and reads from there how long it is, and of what.
 *
 * @returns `null` when it has no index that could be read.
 */
export async function readMp4Layout(readAny: ReadRange, sizeBytes: number): Promise<Mp4Layout | null> {
  let reads = 0;
  const read: ReadRange = async (start, end) => (++reads > MOST_READS ? new Uint8Array() : await readAny(start, end));
  let isFastStart = true;
  for await (const box of boxesIn(read, 0, sizeBytes)) {
    if (box.type === 'moov') return { isFastStart, ...(await readIndex(read, box)) };
    if (box.type === 'mdat') isFastStart = false;
  }
  return null;
}

type Box = { type: string; contentStart: number; end: number };

async function readBox(read: ReadRange, start: number, limit: number): Promise<Box | null> {
  const head = Buffer.from(await read(start, Math.min(start + 16, limit) - 1));
  if (head.length < 8) return null;
  const [size, type] = [head.readUInt32BE(0), head.toString('latin1', 4, 8)];
  // 0: to the end of the file; 1: the size stands behind the type, in 64 bits.
  if (size === 0) return { type, contentStart: start + 8, end: limit };
  if (size === 1 && head.length < 16) return null;
  const headBytes = size === 1 ? 16 : 8;
  const bytes = size === 1 ? Number(head.readBigUInt64BE(8)) : size;
  return bytes < headBytes ? null : { type, contentStart: start + headBytes, end: start + bytes };
}

/** The boxes from one place of the file to another, as far as they can be read. */
async function* boxesIn(read: ReadRange, start: number, end: number): AsyncGenerator<Box> {
  for (let next = start; next + 8 <= end;) {
    const box = await readBox(read, next, end);
    if (!box) return;
    yield { ...box, end: Math.min(box.end, end) };
    next = box.end;
  }
}

async function readIndex(read: ReadRange, moov: Box): Promise<Pick<Mp4Layout, 'durationSeconds' | 'hasPicture'>> {
  let durationSeconds: number | null = null;
  let hasPicture = false;
  for await (const { type, contentStart, end } of boxesIn(read, moov.contentStart, moov.end)) {
    if (type === 'mvhd') durationSeconds = durationOf(Buffer.from(await read(contentStart, contentStart + 31)));
    if (type === 'trak') hasPicture ||= (await readHandler(read, contentStart, end)) === 'vide';
  }
  return { durationSeconds, hasPicture };
}

/** What a track is of: `vide`, `soun`. */
async function readHandler(read: ReadRange, start: number, end: number): Promise<string | null> {
  for await (const box of boxesIn(read, start, end)) {
    if (box.type === 'mdia') return await readHandler(read, box.contentStart, box.end);
    // Version and flags, four bytes of nothing, the type.
    if (box.type === 'hdlr') {
      return Buffer.from(await read(box.contentStart, box.contentStart + 11)).toString('latin1', 8, 12);
    }
  }
  return null;
}

// Version and flags, two moments, the time scale, the duration; in version 1 moments and duration have 64 bits.
function durationOf(mvhd: Buffer): number | null {
  if (mvhd.length < 32) return null;
  const [scale, duration] =
    mvhd[0] === 1
      ? [mvhd.readUInt32BE(20), Number(mvhd.readBigUInt64BE(24))]
      : [mvhd.readUInt32BE(12), mvhd.readUInt32BE(16)];
  const seconds = duration / scale;
  return seconds > 0 && seconds < MOST_SECONDS ? seconds : null;
}

/** Longer than any film; what says more has no length, or a false one. */
export const MOST_SECONDS = 360_000;

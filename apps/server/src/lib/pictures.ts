import type { ResizeOptions } from 'sharp';
import { AppError } from './errors.ts';
import { createGate } from './gate.ts';

export type Pictures = {
  /**
   * Makes a square WebP of a JPEG, PNG or WebP picture: the middle of it, upright, and nothing but pixels.
   *
   * @throws AppError `unsupported_image`, and `unavailable` when too many wait already.
   */
  toSquare(picture: Buffer, sidePx: number): Promise<Buffer>;
  /** Makes a WebP of the whole picture, as large as fits within a frame and no larger than it was; else as `toSquare`. */
  fitWithin(picture: Buffer, frame: { widthPx: number; heightPx: number }): Promise<Buffer>;
};

const LARGEST_PIXELS = 25_000_000;
const DEADLINE_SECONDS = 10;
const QUALITY = 82;

// What a picture is, its first bytes say; what it was sent as means nothing. Decoders of other formats are never asked.
const SIGNATURES: [offset: number, bytes: Buffer][][] = [
  [[0, Buffer.from([0xff, 0xd8, 0xff])]],
  [[0, Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])]],
  [
    [0, Buffer.from('RIFF')],
    [8, Buffer.from('WEBP')],
  ],
];

/** Makes pictures one at a time: a large one takes a hundred megabytes for a moment. */
export function createPictures(): Pictures {
  const gate = createGate({ parallel: 1, waiting: 20 });
  const resize = async (picture: Buffer, size: ResizeOptions): Promise<Buffer> => {
    if (!SIGNATURES.some((parts) => parts.every(([at, bytes]) => startsWith(picture, at, bytes)))) {
      throw new AppError('unsupported_image');
    }
    return await gate(async () => {
      // Loaded with the first picture: a process that sees none keeps its 30 MB.
      const { default: sharp } = await import('sharp');
      sharp.cache(false);
      try {
        return await sharp(picture, { limitInputPixels: LARGEST_PIXELS, failOn: 'error' })
          .autoOrient()
          .resize(size)
          // Metadata is left behind unless one asks for it.
          .webp({ quality: QUALITY })
          .timeout({ seconds: DEADLINE_SECONDS })
          .toBuffer();
      } catch (error) {
        throw new AppError('unsupported_image', { cause: error });
      }
    });
  };
  return {
    toSquare: (picture, sidePx) => resize(picture, { width: sidePx, height: sidePx, fit: 'cover' }),
    fitWithin: (picture, { widthPx, heightPx }) =>
      resize(picture, { width: widthPx, height: heightPx, fit: 'inside', withoutEnlargement: true }),
  };
}

function startsWith(picture: Buffer, at: number, bytes: Buffer): boolean {
  return picture.subarray(at, at + bytes.length).equals(bytes);
}

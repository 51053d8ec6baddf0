import { describe, expect, test } from 'vitest';
import { readMp4Layout, recognizeVideo } from './video-container.ts';

function box(type: string, content: Buffer, size = 8 + content.length): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(size);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** The head of a box whose size takes 64 bits. */
function largeBox(type: string, size: number): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(size));
  return box(type, length, 1);
}

function mvhd(version: 0 | 1, scale: number, duration: number): Buffer {
  const content = Buffer.alloc(108);
  content[0] = version;
  content.writeUInt32BE(scale, version === 1 ? 20 : 12);
  if (version === 1) content.writeBigUInt64BE(BigInt(duration), 24);
  else content.writeUInt32BE(duration, 16);
  return box('mvhd', content);
}

/** A track, as its handler says what it is of. */
function trak(handler: string): Buffer {
  const hdlr = box('hdlr', Buffer.from(`\0\0\0\0\0\0\0\0${handler}`, 'latin1'));
  return box('trak', Buffer.concat([box('tkhd', Buffer.alloc(84)), box('mdia', Buffer.concat([mvhd(0, 1, 1), hdlr]))]));
}

const FTYP = box('ftyp', Buffer.from('isom\0\0\x02\0isomavc1', 'latin1'));

/** Reads of a file that has these bytes at these places, and nothing in between. */
function fileOf(...pieces: [number, Buffer][]) {
  return async (start: number, end: number) => {
    const bytes = Buffer.alloc(Math.max(0, end - start + 1));
    for (const [at, piece] of pieces) {
      for (let index = 0; index < bytes.length; index += 1) bytes[index] ||= piece[start + index - at] ?? 0;
    }
    return bytes;
  };
}

describe('an MP4', () => {
  test.for([0, 1] as const)('tells its length in version %i of its head', async (version) => {
    const index = [box('udta', Buffer.alloc(40)), trak('soun'), trak('vide'), mvhd(version, 600, 3_300)];
    const bytes = Buffer.concat([FTYP, box('moov', Buffer.concat(index))]);
    const layout = await readMp4Layout(fileOf([0, bytes]), bytes.length);
    expect(layout).toEqual({ isFastStart: true, durationSeconds: 5.5, hasPicture: true });
  });

  test('of sounds only says so', async () => {
    const bytes = Buffer.concat([FTYP, box('moov', Buffer.concat([mvhd(0, 600, 600), trak('soun'), trak('text')]))]);
    expect(await readMp4Layout(fileOf([0, bytes]), bytes.length)).toMatchObject({ hasPicture: false });
  });

  test('of twenty gigabytes is looked into at its end, and not read', async () => {
    const size = 20_000_000_000;
    const moov = box('moov', mvhd(1, 1_000, 7_200_000));
    const mdat = largeBox('mdat', size - FTYP.length - moov.length);
    let bytesRead = 0;
    const read = fileOf([0, FTYP], [FTYP.length, mdat], [size - moov.length, moov]);
    const layout = await readMp4Layout(async (start, end) => {
      bytesRead += end - start + 1;
      return await read(start, end);
    }, size);
    expect(layout).toEqual({ isFastStart: false, durationSeconds: 7_200, hasPicture: false });
    expect(bytesRead).toBeLessThan(200);
  });

  test.for([
    ['without an index', Buffer.concat([FTYP, box('mdat', Buffer.alloc(100))])],
    ['with a box of no size', Buffer.concat([FTYP, box('free', Buffer.alloc(100), 4), box('moov', mvhd(0, 1, 1))])],
    ['cut off in a head', Buffer.concat([FTYP, box('moov', Buffer.alloc(0)).subarray(0, 6)])],
    ['of empty boxes only', Buffer.concat(Array.from({ length: 2_000 }, () => box('free', Buffer.alloc(0))))],
  ] as const)('%s has none', async ([, bytes]) => {
    expect(await readMp4Layout(fileOf([0, bytes]), bytes.length)).toBeNull();
  });

  test.for([
    ['no time scale', mvhd(0, 0, 100)],
    ['no length', mvhd(0, 600, 0)],
    ['a length nobody would sit through', mvhd(1, 1, 2 ** 50)],
    ['a head that is cut off', mvhd(0, 600, 600).subarray(0, 20)],
  ] as const)('with %s has an unknown length', async ([, content]) => {
    const bytes = Buffer.concat([FTYP, box('moov', content)]);
    expect(await readMp4Layout(fileOf([0, bytes]), bytes.length)).toMatchObject({ durationSeconds: null });
  });
});

test.for([
  ['an MP4', FTYP, 'mov'],
  ['QuickTime', box('ftyp', Buffer.from('qt  \0\0\x02\0')), 'mov'],
  ['Matroska', Buffer.from('1a45dfa3a342868101428288' + Buffer.from('matroska').toString('hex'), 'hex'), 'matroska'],
  ['WebM', Buffer.from('1a45dfa39f4286810142f781014282847765626d', 'hex'), 'matroska'],
  ['EBML of another kind', Buffer.from('1a45dfa39f4286810142f78101428284666f6f21', 'hex'), null],
  ['a picture in boxes', box('ftyp', Buffer.from('avif\0\0\0\0')), null],
  ['a playlist', Buffer.from('#EXTM3U\n#EXT-X-VERSION:3\nfile:///etc/passwd\n'), null],
  ['an empty file', Buffer.alloc(0), null],
] as const)('%s is told by its bytes', ([, bytes, container]) => {
  expect(recognizeVideo(bytes)).toBe(container);
});

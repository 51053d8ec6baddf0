import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readRates, rungsFor } from './ladder.ts';

test.for([
  ['Full HD', [1_920, 1_080], ['640x360', '1280x720', '1920x1080']],
  ['the wide picture of a cinema', [1_920, 804], ['640x268', '1280x536', '1920x804']],
  ['PAL', [720, 576], ['450x360', '720x576']],
  ['a telephone held upright', [1_080, 1_920], ['360x640', '720x1280', '1080x1920']],
  ['4K', [3_840, 2_160], ['640x360', '1280x720', '1920x1080']],
  ['less than the lowest rung', [321, 181], ['320x180']],
  ['hardly more than the lowest rung', [642, 362], ['642x362']],
  ['a laptop', [1_366, 768], ['640x360', '1366x768']],
  ['a ribbon', [8_000, 2], ['1920x2']],
] as const)('%s gets rungs up to its own size, none larger', ([, [width, height], sizes]) => {
  expect(rungsFor({ width, height }).map((rung) => `${rung.width}x${rung.height}`)).toEqual(sizes);
});

test('of a sound that is hardly there no more bits are told than it has', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cinema-rung-'));
  await writeFile(join(folder, 'segment-00000.m4s'), 'x'.repeat(1_000));
  await writeFile(join(folder, 'index.m3u8'), '#EXTM3U\n#EXTINF:0.000000,\nsegment-00000.m4s\n#EXT-X-ENDLIST\n');
  expect(await readRates(folder)).toEqual(['BANDWIDTH=0', 'AVERAGE-BANDWIDTH=0']);
  await writeFile(join(folder, 'index.m3u8'), '#EXTM3U\n#EXTINF:2.000000,\nsegment-00000.m4s\n#EXT-X-ENDLIST\n');
  expect(await readRates(folder)).toEqual(['BANDWIDTH=4000', 'AVERAGE-BANDWIDTH=4000']);
  await rm(folder, { recursive: true });
});

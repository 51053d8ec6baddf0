import { expect, test } from 'vitest';
import { fitLines, TYPEFACES } from './poster-lettering.ts';
import { moodOf } from './poster-moods.ts';
import { MOTIFS } from './poster-motifs.ts';
import { renderPoster } from './poster.ts';

const HEAT = {
  name: 'Heat',
  year: 1995,
  time: 170,
  certification: 'R',
  genres: [{ name: 'Action' }, { name: 'Crime' }],
  directors: [{ name: 'Michael Mann' }],
};

const LONG_NAMES = [
  'W'.repeat(250),
  '"&<>\''.repeat(50),
  '世界の終わりとハードボイルド・ワンダーランド'.repeat(11),
  'طعم الكرز والزيتون '.repeat(13),
  '👩‍🚀🚀'.repeat(40),
  'the '.repeat(62),
  'A',
];

test('a poster tells the title, the director, the year, the length and the certification', () => {
  const poster = renderPoster(HEAT);

  expect(poster.toLowerCase()).toContain('>heat<');
  expect(textsOf(poster)).toEqual(expect.arrayContaining(['MICHAEL MANN', '1995', '2 h 50 min', 'R']));
});

test('the same film always gets the same poster, and another film another one', () => {
  expect(renderPoster(structuredClone(HEAT))).toBe(renderPoster(HEAT));
  expect(renderPoster({ ...HEAT, year: 1996 })).not.toBe(renderPoster(HEAT));
});

test('whatever a film is called, its poster stays small and holds nothing that runs or loads', () => {
  for (const name of LONG_NAMES) {
    for (let year = 1990; year < 2020; year++) {
      const poster = renderPoster({
        ...HEAT,
        name: name.slice(0, 250),
        year,
        certification: '<b onload="x">'.repeat(4),
      });

      expect(Buffer.byteLength(poster)).toBeLessThan(6_000);
      expect(poster).not.toMatch(/<script|<image|<use|<foreignObject|<b |href=|url\((?!#)/);
      expect(poster.match(/<(?!\/?(?:svg|g|rect|circle|ellipse|path|clipPath|text|tspan)\b)/g)).toBeNull();
      expect(poster).not.toMatch(/NaN|undefined|&(?!(?:amp|lt|gt|quot|#39);)/);
    }
  }
});

test('characters that XML cannot hold are left out', () => {
  const poster = renderPoster({ ...HEAT, name: 'He\u0001at\uFFFF\uD800', directors: [{ name: '\u0000' }] });

  expect(poster.toLowerCase()).toContain('>he at<');
  expect(poster.isWellFormed()).toBe(true);
  expect(poster).not.toMatch(/\p{Cc}|\uFFFF/u);
});

test('a title fills its box and never leaves it', () => {
  const box = { width: 520, height: 150 };
  for (const typeface of TYPEFACES) {
    for (const name of LONG_NAMES) {
      const { size, lines } = fitLines(name.slice(0, 250), typeface, box);

      expect(lines.length * size).toBeLessThanOrEqual(box.height);
      expect(lines.join('').replaceAll(' ', '')).toBe(name.slice(0, 250).replaceAll(' ', ''));
    }
  }
  expect(fitLines('A', TYPEFACES[0], box).size).toBeGreaterThan(80);
});

test('words stay whole, and a long name takes several lines', () => {
  const { lines } = fitLines('The Good, the Bad and the Ugly', TYPEFACES[0], { width: 520, height: 150 });

  expect(lines.length).toBeGreaterThan(1);
  expect(lines.join(' ')).toBe('The Good, the Bad and the Ugly');
});

test('the telling genre decides the mood: a crime comedy in space is science fiction', () => {
  const genres = ['Comedy', 'Crime', 'Science Fiction'].map((name) => ({ name }));

  expect(moodOf(genres)).toEqual(moodOf([{ name: 'Science Fiction' }]));
  expect(moodOf(genres)).not.toEqual(moodOf([{ name: 'Comedy' }]));
});

test('every motif is somewhere on the wall', () => {
  const genres =
    'Film Noir,Western,Horror,Science Fiction,Animation,Music,War,Sport,Documentary,Romance,Adventure,Comedy';
  const seen = new Set(genres.split(',').flatMap((name) => moodOf([{ name }]).motifs));

  expect([...seen].sort()).toEqual(Object.keys(MOTIFS).sort());
});

function textsOf(poster: string): string[] {
  return Array.from(poster.matchAll(/>([^<>]+)</g), ([, text = '']) => text);
}

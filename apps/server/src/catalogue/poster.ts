import { escapeHtml } from '../lib/html.ts';
import { fitLines, LINE_HEIGHT, shorten, type Typeface, TYPEFACES } from './poster-lettering.ts';
import { moodOf } from './poster-moods.ts';
import { MOTIFS, type Palette } from './poster-motifs.ts';
import { n, pick, type Random, randomFrom, rect } from './poster-shapes.ts';

/** What a poster tells of a film. */
interface PosterFacts {
  name: string;
  year: number;
  /** Minutes. */
  time: number;
  certification: string;
  genres: { name: string }[];
  directors: { name: string }[];
}

/** Draws a film's poster: SVG of 600 by 900, made of its facts alone, and always the same for the same facts. */
export function renderPoster(facts: PosterFacts): string {
  const random = randomFrom(`${facts.year} ${facts.name}`);
  const mood = moodOf(facts.genres);
  const palette = vary(pick(random, mood.palettes), random);
  const { art, foot } = MOTIFS[pick(random, mood.motifs)](palette, random);
  const layout = pick(random, LAYOUTS);
  const ground = palette[layout.ground === 'foot' ? foot : layout.ground];
  const { x, y, width, height } = layout.picture;
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 900" width="600" height="900">',
    rect(0, 0, 600, 900, ground),
    `<svg x="${x}" y="${y}" width="${width}" height="${height}" viewBox="0 0 600 640" preserveAspectRatio="xMidYMin slice">`,
    rect(0, 0, 600, 640, palette.sky),
    art,
    '</svg>',
    // Laid over the picture's edge, where half a pixel of sky would shine through.
    layout.footTop === undefined ? '' : rect(0, layout.footTop, 600, 900 - layout.footTop, palette[foot]),
    titleBlock(facts, layout, readableOn(ground, palette), pick(random, TYPEFACES)),
    factLine(facts, readableOn(layout.footTop === undefined ? ground : palette[foot], palette)),
    '</svg>',
  ].join('');
}

interface Layout {
  picture: { x: number; y: number; width: number; height: number };
  /** The colour under the title: the picture's lowest, or one of the palette. */
  ground: 'foot' | 'sky' | 'pale';
  /** Where the title and the director stand. */
  title: { top: number; height: number; isCentred: boolean };
  /** From here down everything has the picture's lowest colour. */
  footTop?: number;
}

const LOW: Layout = {
  picture: { x: 0, y: 0, width: 600, height: 640 },
  ground: 'foot',
  title: { top: 645, height: 200, isCentred: false },
  footTop: 638,
};
const HIGH: Layout = {
  picture: { x: 0, y: 260, width: 600, height: 560 },
  ground: 'sky',
  title: { top: 50, height: 215, isCentred: false },
  footTop: 818,
};
const FRAMED: Layout = {
  picture: { x: 40, y: 40, width: 520, height: 555 },
  ground: 'pale',
  title: { top: 615, height: 215, isCentred: true },
};
const LAYOUTS = [LOW, LOW, HIGH, FRAMED] as const;

/** The director's line is set in this. */
const SMALL: Typeface = { style: 'font-family="sans-serif"', isUpperCase: true, width: 0.95, spacing: 0.16 };

function titleBlock({ name, directors }: PosterFacts, { title }: Layout, ink: string, typeface: Typeface): string {
  const text = printable(name);
  const { size, lines } = fitLines(typeface.isUpperCase ? text.toUpperCase() : text, typeface, {
    width: 520,
    height: title.height - 76,
  });
  const x = title.isCentred ? 300 : 40;
  const anchor = title.isCentred ? ' text-anchor="middle"' : '';
  const blockHeight = lines.length * size * LINE_HEIGHT + 34;
  const top = title.top + (title.height - blockHeight) / 2;
  const spans = lines
    .map((line, i) => `<tspan x="${x}" y="${n(top + size * (0.82 + i * LINE_HEIGHT))}">${escapeHtml(line)}</tspan>`)
    .join('');
  const spacing = typeface.spacing === 0 ? '' : ` letter-spacing="${n(typeface.spacing * size)}"`;
  const by = shorten(directorsOf(directors).toUpperCase(), 520 / 15, SMALL);
  return (
    `<text ${typeface.style} font-size="${size}"${spacing} fill="${ink}"${anchor}>${spans}</text>` +
    `<text x="${x}" y="${n(top + blockHeight - 6)}" ${SMALL.style} font-size="15" letter-spacing="2.4" fill="${ink}"${anchor}>${escapeHtml(by)}</text>`
  );
}

function factLine({ year, time, certification }: PosterFacts, ink: string): string {
  const label = shorten(printable(certification), 14, SMALL);
  const length = `${time >= 60 ? `${Math.floor(time / 60)} h ` : ''}${time % 60} min`;
  const text = `font-family="sans-serif" font-size="17" letter-spacing="1.5" fill="${ink}"`;
  return (
    `<path d="M40 845H560" stroke="${ink}" stroke-width="1.5" opacity=".5"/>` +
    `<text x="40" y="874" ${text} font-weight="700">${year}</text>` +
    `<text x="300" y="874" ${text} text-anchor="middle">${length}</text>` +
    `<text x="560" y="874" ${text} font-weight="700" text-anchor="end">${escapeHtml(label)}</text>`
  );
}

function directorsOf(directors: { name: string }[]): string {
  const names = directors.map((director) => printable(director.name)).filter((name) => name !== '');
  return names.length > 3 ? `${names.slice(0, 2).join(', ')} and ${names.length - 2} more` : names.join(' & ');
}

/** The accents change places in every other film. */
function vary(palette: Palette, random: Random): Palette {
  return random() < 0.5 ? palette : { ...palette, a: palette.b, b: palette.a };
}

/** Characters that XML can't hold become spaces. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\s\uFFFE\uFFFF]+/gu, ' ').trim();
}

function readableOn(ground: string, { deep, pale }: Palette): string {
  const light = luminance(ground);
  return Math.abs(light - luminance(deep)) > Math.abs(light - luminance(pale)) ? deep : pale;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  return Math.sqrt(0.3 * red ** 2 + 0.59 * green ** 2 + 0.11 * blue ** 2);
}

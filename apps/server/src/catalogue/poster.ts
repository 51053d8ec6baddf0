import { escapeHtml } from '../lib/html.ts';
import { fitLines, shorten } from './poster-lettering.ts';
import { moodOf } from './poster-moods.ts';
import { MOTIFS, type Palette } from './poster-motifs.ts';
import { int, n, pick, randomFrom, rect } from './poster-shapes.ts';

/** Draws a film's poster: SVG of 600 by 900, made of its facts alone, and always the same for the same facts. */
export function renderPoster(facts: PosterFacts): string {
  const random = randomFrom(`${facts.name} ${facts.year}`);
  const mood = moodOf(facts.genres);
  const palette = pick(random, mood.palettes);
  const { art, foot } = MOTIFS[pick(random, mood.motifs)](palette, random);
  const layout = LAYOUTS[pick(random, ['low', 'low', 'high', 'framed'])];
  const ground = palette[layout.ground === 'foot' ? foot : layout.ground];
  const ink = readable(ground, palette);
  const { x, y, width, height } = layout.picture;
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 900" width="600" height="900">',
    rect(0, 0, 600, 900, ground),
    `<svg x="${x}" y="${y}" width="${width}" height="${height}" viewBox="0 0 600 640">`,
    rect(0, 0, 600, 640, palette.sky),
    art,
    '</svg>',
    titleBlock(facts, layout, ink, TYPEFACES[int(random, TYPEFACES.length)] ?? TYPEFACES[0]),
    footLine(facts, layout.footOn === 'art' ? readable(palette[foot], palette) : ink),
    '</svg>',
  ].join('');
}

/** What a poster tells of a film. `time` is minutes. */
interface PosterFacts {
  name: string;
  year: number;
  time: number;
  certification: string;
  genres: { name: string }[];
  directors: { name: string }[];
}

interface Layout {
  picture: { x: number; y: number; width: number; height: number };
  /** The colour under the title: the picture's lowest, or one of the palette. */
  ground: 'foot' | 'sky' | 'pale';
  footOn: 'ground' | 'art';
  /** The title and the director stand between these heights. */
  title: { top: number; bottom: number };
  centred: boolean;
}

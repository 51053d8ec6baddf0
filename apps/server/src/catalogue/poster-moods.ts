import type { MotifName, Palette } from './poster-motifs.ts';

interface Mood {
  palettes: Some<Palette>;
  motifs: Some<MotifName>;
}

type Some<Item> = readonly [Item, ...Item[]];

/** Chooses how a film's poster may look, by its most telling genre. */
export function moodOf(genres: { name: string }[]): Mood {
  const mood = MOODS.find(([names]) => genres.some(({ name }) => names.includes(name)));
  return mood ? { palettes: mood[1], motifs: mood[2] } : PLAIN_MOOD;
}

const PALETTES = {
  noir: colours('#c9c4b8 #17171a #d23f31 #77746c #f5f1e6'),
  midnight: colours('#23303f #0e141c #e8c15a #5b7183 #f0ece0'),
  dust: colours('#e9a15b #3b1f1c #c4512d #a8432f #fdebcf'),
  desert: colours('#f2cf8f #40231d #c9502e #d98545 #fff3dc'),
  blood: colours('#231a1f #0b090c #c1272d #57202a #efe3d0'),
  poison: colours('#20302b #0a1210 #c9d65b #48685a #e9ecd8'),
  nebula: colours('#1b2350 #0a0d1f #f25f8b #4fb3d9 #eef0ff'),
  reactor: colours('#0f4a56 #071d24 #f4a259 #5fc9b3 #eafaf3'),
  violet: colours('#3f2a6e #180f30 #f9a03f #b078ec #f7efff'),
  fire: colours('#d94f30 #1b1b24 #f2b544 #8c2a26 #fbeed3'),
  brass: colours('#e8b04a #1d1a1f #c8402f #9a6a2a #f7ead0'),
  lemon: colours('#f6c445 #24324a #e9573f #3aa6a0 #fff6e0'),
  mint: colours('#7cc6c3 #27374d #f25c54 #f7b267 #fffaf0'),
  peach: colours('#f4a6a0 #3a2449 #e0524d #fff1d6 #fff7ea'),
  rose: colours('#f3b8b0 #4a1f38 #d9475c #f9e2cf #fff3ea'),
  plum: colours('#5b2a4d #260f2b #f07f7a #f6c28b #ffeede'),
  linen: colours('#d8c7a5 #2b2a33 #a6452f #6f7d6b #f6eedd'),
  harbour: colours('#2f5468 #13222d #f2a65a #8db1ab #f3ead7'),
  forest: colours('#b9c9a8 #1f3129 #d9803a #557a5c #f4f1e0'),
  neon: colours('#241c4a #110b28 #ff5d73 #2ec4b6 #fdf0e0'),
  paper: colours('#e6e2d6 #20303a #d9603a #2c7a8c #fbf9f2'),
};

// The first one a film has decides, so the telling genres stand before the common ones.
const MOODS: readonly [genres: readonly string[], palettes: Some<Palette>, motifs: Some<MotifName>][] = [
  [['Film Noir'], [PALETTES.noir, PALETTES.midnight], ['blinds', 'skyline', 'road', 'eye']],
  [['Western'], [PALETTES.dust, PALETTES.desert], ['sun', 'mountains', 'road', 'dunes']],
  [['Horror'], [PALETTES.blood, PALETTES.poison], ['moon', 'eye', 'corridor', 'woods', 'spiral']],
  [
    ['Science Fiction'],
    [PALETTES.nebula, PALETTES.reactor, PALETTES.violet],
    ['orbits', 'grid', 'moon', 'sun', 'rays'],
  ],
  [
    ['Animation'],
    [PALETTES.lemon, PALETTES.mint, PALETTES.violet, PALETTES.forest],
    ['tiles', 'moon', 'waves', 'woods'],
  ],
  [
    ['Musical', 'Music'],
    [PALETTES.neon, PALETTES.lemon, PALETTES.plum],
    ['record', 'bars', 'filmStrip', 'tiles'],
  ],
  [['War'], [PALETTES.brass, PALETTES.fire, PALETTES.forest], ['rays', 'mountains', 'sun', 'filmStrip']],
  [['Sport'], [PALETTES.forest, PALETTES.lemon, PALETTES.fire], ['rays', 'record', 'bars', 'road']],
  [['Fantasy'], [PALETTES.violet, PALETTES.reactor, PALETTES.plum], ['moon', 'mountains', 'woods', 'spiral', 'dunes']],
  [['Mystery'], [PALETTES.midnight, PALETTES.poison, PALETTES.noir], ['spiral', 'eye', 'blinds', 'corridor', 'woods']],
  [['Documentary'], [PALETTES.paper, PALETTES.linen, PALETTES.harbour], ['filmStrip', 'tiles', 'eye', 'dunes']],
  [['Romance'], [PALETTES.rose, PALETTES.plum, PALETTES.peach], ['pair', 'waves', 'moon', 'skyline', 'sun']],
  [['Crime'], [PALETTES.midnight, PALETTES.noir, PALETTES.brass], ['skyline', 'blinds', 'road', 'eye', 'rays']],
  [
    ['Thriller'],
    [PALETTES.midnight, PALETTES.blood, PALETTES.harbour],
    ['spiral', 'skyline', 'eye', 'moon', 'corridor'],
  ],
  [
    ['Adventure'],
    [PALETTES.desert, PALETTES.reactor, PALETTES.forest],
    ['mountains', 'dunes', 'waves', 'sun', 'orbits'],
  ],
  [['Action'], [PALETTES.fire, PALETTES.brass, PALETTES.neon], ['rays', 'road', 'skyline', 'sun', 'bars']],
  [
    ['Family', 'Comedy'],
    [PALETTES.lemon, PALETTES.mint, PALETTES.peach],
    ['tiles', 'rays', 'sun', 'bars', 'filmStrip', 'pair', 'waves', 'road'],
  ],
];
const PLAIN_MOOD: Mood = {
  palettes: [PALETTES.linen, PALETTES.harbour, PALETTES.paper, PALETTES.plum],
  motifs: ['waves', 'pair', 'skyline', 'tiles', 'dunes', 'mountains', 'woods'],
};

/** Sky, deep, two accents and pale, in this order. */
function colours(list: string): Palette {
  const [sky = '', deep = '', a = '', b = '', pale = ''] = list.split(' ');
  return { sky, deep, a, b, pale };
}

import { circle, int, line, n, path, pick, range, type Random, rect, ridge, towers } from './poster-shapes.ts';

/** The five colours of a poster: pale is read on deep. */
export interface Palette {
  sky: string;
  deep: string;
  a: string;
  b: string;
  pale: string;
}

/** A picture of 600 by 640 on the sky, and the colour it ends with below. */
type Motif = (palette: Palette, random: Random) => { art: string; foot: 'sky' | 'deep' };
/** The name of one of {@link MOTIFS}. */
export type MotifName = keyof typeof MOTIFS;

/** The pictures a poster can show. */
export const MOTIFS = {
  sun({ a, b, deep }, random) {
    const y = 300 + random() * 60;
    const slits = range(6, (i) => rect(0, y + 10 + i * 34, 600, 3 + i * 4, b));
    return {
      art: rect(0, y, 600, 640, b) + circle(300, y, 190, a) + slits + ridge(random, 560, 40, 8, deep),
      foot: 'deep',
    };
  },
  waves({ a, b, deep, pale }, random) {
    const shift = random() * 300;
    const colours = [b, a, pale, a, b, deep];
    const waves = colours.map((colour, i) => {
      const y = 300 + i * 58;
      const height = 58 - i * 5;
      const start = -shift - i * 70 - 240;
      return path(`M${n(start)} ${y}q80 ${-height} 160 0${'t160 0'.repeat(9)}V700H${n(start)}z`, colour);
    });
    return { art: circle(170 + random() * 260, 210, 105, pale) + waves.join(''), foot: 'deep' };
  },
  skyline({ a, b, deep, pale }, random) {
    const back = towers(random, 250, 200, b);
    const windows = range(26, () =>
      rect(20 + 28 * int(random, 20), 440 + 26 * int(random, 5), 9, 13, random() < 0.7 ? a : pale),
    );
    return {
      art: circle(160 + random() * 280, 200, 120, a) + back + towers(random, 330, 110, deep) + windows,
      foot: 'deep',
    };
  },
  spiral({ a, pale, b }, random) {
    const turn = random() < 0.5 ? 1 : -1;
    const dots = range(64, (i) => {
      const angle = turn * i * 0.42;
      const reach = 10 + i * 4.4;
      return circle(
        300 + Math.cos(angle) * reach,
        320 + Math.sin(angle) * reach,
        3 + i * 0.24,
        i % 7 === 3 ? a : i % 2 ? pale : b,
      );
    });
    return { art: dots, foot: 'sky' };
  },
  rays({ a, b, deep, pale }, random) {
    const [x, y] = [200 + random() * 200, 380];
    const count = 11 + int(random, 5);
    const rays = range(count, (i) => {
      const at = (turn: number) => `${n(x + Math.cos(turn) * 900)} ${n(y + Math.sin(turn) * 900)}`;
      const from = (i / count) * Math.PI * 2;
      return `M${n(x)} ${n(y)}L${at(from)} ${at(from + Math.PI / count)}z`;
    });
    return {
      art: path(rays, b) + circle(x, y, 128, a) + circle(x, y, 84, pale) + ridge(random, 540, 70, 5, deep),
      foot: 'deep',
    };
  },
  mountains({ a, b, deep, pale }, random) {
    const sun = circle(150 + random() * 300, 190, 80, pale);
    return {
      art: sun + ridge(random, 330, 190, 4, a) + ridge(random, 430, 160, 5, b) + ridge(random, 540, 120, 6, deep),
      foot: 'deep',
    };
  },
  grid({ a, b, deep, pale }, random) {
    const lines = range(15, (i) => `M${300 + (i - 7) * 26} 380L${300 + (i - 7) * 190} 640`);
    const rows = range(7, (i) => `M0 ${n(380 + i ** 2 * 6.4)}H600`);
    const glow = range(24, () => circle(random() * 600, random() * 360, 0.8 + random() * 1.6, pale));
    const floor = rect(0, 380, 600, 260, deep) + line(lines + rows, b, 2);
    return {
      art: glow + circle(300, 380, 170, a) + circle(300, 380, 130, b) + circle(300, 380, 90, pale) + floor,
      foot: 'deep',
    };
  },
  moon({ a, b, deep, pale, sky }, random) {
    const stars = range(34, () => circle(random() * 600, random() * 520, 0.8 + random() * 2, pale));
    const x = 250 + random() * 100;
    const moon =
      circle(x, 270, 170, b) + circle(x, 270, 140, pale) + circle(x + 58, 240, 118, random() < 0.5 ? sky : a);
    return { art: stars + moon + ridge(random, 520, 60, 4, b) + ridge(random, 580, 50, 6, deep), foot: 'deep' };
  },
  filmStrip({ a, b, deep, pale }, random) {
    const turn = (random() < 0.5 ? -1 : 1) * (16 + int(random, 14));
    const strips = [140, 400].map((x, strip) => {
      const holes = range(15, (i) => `M${x - 88} ${i * 62 - 150}h16v26h-16zm160 0h16v26h-16z`);
      const frames = range(6, (i) => rect(x - 62, i * 160 - 160, 124, 140, (i + strip) % 3 ? (i % 2 ? a : b) : pale));
      return rect(x - 100, -200, 200, 1100, deep) + path(holes, pale) + frames;
    });
    return { art: `<g transform="rotate(${turn} 300 320)">${strips.join('')}</g>`, foot: 'sky' };
  },
  orbits({ a, b, pale }, random) {
    const tilt = int(random, 360);
    const rings = range(5, (i) => {
      const [reach, angle] = [110 + i * 48, random() * Math.PI * 2];
      const [x, y] = [300 + Math.cos(angle) * reach, 320 + Math.sin(angle) * reach * 0.42];
      const ring = `<ellipse cx="300" cy="320" rx="${reach}" ry="${n(reach * 0.42)}" fill="none" stroke="${b}" stroke-width="2"/>`;
      return ring + circle(x, y, 9 + int(random, 16), i % 2 ? a : pale);
    });
    const stars = range(30, () => circle(random() * 600, random() * 640, 0.7 + random() * 1.8, pale));
    return {
      art: `${stars}<g transform="rotate(${tilt} 300 320)">${rings}</g>${circle(300, 320, 62, a)}`,
      foot: 'sky',
    };
  },
  blinds({ a, deep, pale }, random) {
    const slant = 60 + int(random, 60);
    const slats = range(11, (i) => `M0 ${i * 62 - slant}L600 ${i * 62}v${34 - i}L0 ${i * 62 + 34 - i - slant}z`);
    const figure =
      circle(330, 330, 82, deep) +
      path(
        'M190 640Q200 430 330 425T470 640zM205 282Q330 240 455 282Q330 312 205 282zM258 276Q256 182 300 180Q330 192 360 180Q404 182 402 276z',
        deep,
      );
    return { art: circle(330, 300, 215, a) + path(slats, pale, 0.5) + figure, foot: 'deep' };
  },
  eye({ a, b, deep, pale }, random) {
    const lashes = range(23, (i) => {
      const angle = Math.PI * (1.08 + i * 0.038);
      const [x, y] = [Math.cos(angle), Math.sin(angle)];
      return `M${n(300 + x * 270)} ${n(330 + y * 215)}L${n(300 + x * 310)} ${n(330 + y * (275 + int(random, 40)))}`;
    });
    const ball =
      path('M20 330Q300 40 580 330Q300 620 20 330z', pale) + circle(300, 330, 128, a) + circle(300, 330, 100, b);
    return { art: line(lashes, a, 5) + ball + circle(300, 330, 58, deep) + circle(335, 295, 20, pale), foot: 'sky' };
  },
  corridor({ a, b, deep, pale }, random) {
    const turn = (random() < 0.5 ? -1 : 1) * (3 + random() * 8);
    const frames = range(9, (i) => {
      const size = 760 - i * 82;
      const colour = i === 8 ? pale : i % 3 === 0 ? deep : i % 3 === 1 ? b : a;
      return `<g transform="rotate(${n(i * turn)} 300 320)">${rect(300 - size / 2, 320 - size / 2, size, size, colour)}</g>`;
    });
    return { art: frames, foot: 'deep' };
  },
  tiles({ a, b, deep, pale }, random) {
    const tiles = range(30, (i) => {
      const [x, y] = [(i % 5) * 120, Math.floor(i / 5) * 120 - 40];
      const colour = pick(random, [a, b, deep, pale]);
      if (random() < 0.22)
        return circle(x + 60, y + 60, 60, colour) + circle(x + 60, y + 60, 24, pick(random, [a, b, pale]));
      const [right, down] = [pick(random, [1, -1]), pick(random, [1, -1])];
      const arc = `a120 120 0 0 ${right === down ? 1 : 0} ${-120 * right} ${120 * down}z`;
      return path(`M${x + 60 - 60 * right} ${y + 60 - 60 * down}h${120 * right}${arc}`, colour);
    });
    return { art: tiles, foot: 'sky' };
  },
  record({ a, b, deep, pale }, random) {
    const grooves = range(
      7,
      (i) =>
        `<circle cx="300" cy="330" r="${118 + i * 20}" fill="none" stroke="${i === int(random, 7) ? a : b}" stroke-width="2"/>`,
    );
    const shine = path('M300 330L172 110A255 255 0 0 1 300 75zM300 330L428 550A255 255 0 0 1 300 585z', pale, 0.12);
    return {
      art: circle(300, 330, 262, deep) + grooves + shine + circle(300, 330, 96, a) + circle(300, 330, 14, pale),
      foot: 'sky',
    };
  },
  bars({ a, b, deep, pale }, random) {
    const bars = range(12, (i) => {
      const height = 90 + Math.abs(Math.sin(i * 0.55 + random())) * 360;
      return `<rect x="${24 + i * 47}" y="${n(320 - height / 2)}" width="34" height="${n(height)}" rx="17" fill="${pick(random, [a, pale, b, deep])}"/>`;
    });
    return { art: bars, foot: 'sky' };
  },
  pair({ a, b, deep, pale }, random) {
    const lift = int(random, 90) - 45;
    const ring = `<circle cx="300" cy="320" r="262" fill="none" stroke="${pale}" stroke-width="3"/>`;
    const lens = `<clipPath id="c"><circle cx="220" cy="${320 - lift}" r="165"/></clipPath>`;
    const overlap = `<g clip-path="url(#c)">${circle(380, 320 + lift, 165, deep)}</g>`;
    return {
      art: lens + ring + circle(220, 320 - lift, 165, a) + circle(380, 320 + lift, 165, b) + overlap,
      foot: 'sky',
    };
  },
  road({ a, b, deep, pale }, random) {
    const x = 220 + random() * 160;
    const dashes = range(
      6,
      (i) =>
        `M${n(x + (300 - x) * (i / 6) ** 2 - 1 - i * 1.6)} ${n(360 + i ** 2 * 8)}h${n(2 + i * 3.2)}v${n(5 + i * 7)}h${n(-2 - i * 3.2)}z`,
    );
    const lane = path(`M${n(x - 4)} 350L-60 640H660L${n(x + 4)} 350z`, deep);
    return {
      art:
        circle(x, 350, 150, a) + ridge(random, 350, 60, 7, b) + rect(0, 350, 600, 290, b) + lane + path(dashes, pale),
      foot: 'deep',
    };
  },
  dunes({ a, b, deep, pale }, random) {
    const dunes = [a, b, deep].map((colour, i) => {
      const [y, x] = [340 + i * 95, 140 + random() * 300];
      return path(`M-10 ${y}Q${n(x * 0.6)} ${y - 20} ${n(x)} ${y - 90}T610 ${y + 20}V650H-10z`, colour);
    });
    return { art: circle(120 + random() * 360, 200, 70 + random() * 50, pale) + dunes.join(''), foot: 'deep' };
  },
  woods({ a, b, deep, pale }, random) {
    const row = (y: number, size: number, colour: string) => {
      const trees = range(11, (i) => {
        const height = size * (1 + random());
        return `M${n(i * 62 - 40 + random() * 20)} ${y + 9}l${size / 4} ${n(-height)} ${size / 4} ${n(height)}z`;
      });
      return path(`${trees}M0 ${y}H600V650H0z`, colour);
    };
    return {
      art: circle(300, 250, 150, a) + circle(300, 250, 118, pale) + row(420, 120, b) + row(540, 150, deep),
      foot: 'deep',
    };
  },
} as const satisfies Record<string, Motif>;

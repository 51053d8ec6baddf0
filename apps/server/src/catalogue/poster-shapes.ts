/** Numbers from 0 up to 1 that look random and follow from a seed. */
export type Random = () => number;

/** Makes a sequence of numbers from a text (FNV-1a, then mulberry32): the same text, the same numbers. */
export function randomFrom(text: string): Random {
  let state = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Chooses one of a list, and takes one number from the sequence to do so. */
export function pick<Item>(random: Random, items: readonly [Item, ...Item[]]): Item {
  return items[int(random, items.length)] ?? items[0];
}

/** A whole number below `limit`. */
export function int(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

/** Draws something `count` times. */
export function range(count: number, draw: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => draw(index)).join('');
}

/** A number as short as a drawing needs it. */
export function n(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function rect(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" fill="${fill}"/>`;
}

export function circle(x: number, y: number, radius: number, fill: string): string {
  return `<circle cx="${n(x)}" cy="${n(y)}" r="${n(radius)}" fill="${fill}"/>`;
}

export function path(d: string, fill: string, opacity = 1): string {
  return `<path d="${d}" fill="${fill}"${opacity < 1 ? ` opacity="${opacity}"` : ''}/>`;
}

export function line(d: string, stroke: string, width: number): string {
  return `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round"/>`;
}

/** A jagged horizon, filled down to the bottom. */
export function ridge(random: Random, y: number, height: number, peaks: number, fill: string): string {
  const step = 640 / (peaks * 2);
  const points = range(peaks * 2, (i) => {
    const top = i % 2 === 0 ? y + random() * height * 0.25 : y - height * (0.45 + random() * 0.55);
    return `L${n(i * step + random() * step * 0.6)} ${n(top)}`;
  });
  return path(`M-20 650V${n(y)}${points}L620 ${n(y)}V650z`, fill);
}

/** A row of houses, filled down to the bottom. */
export function towers(random: Random, y: number, height: number, fill: string): string {
  let d = 'M-10 650';
  for (let x = -10; x < 610;) {
    const width = 30 + random() * 50;
    const top = y + random() * height;
    const roof = random() < 0.25 ? `V${n(top - 40)}h5V${n(top)}` : '';
    d += `V${n(top)}h${n(width / 2)}${roof}h${n(width / 2)}`;
    x += width;
  }
  return path(`${d}V650z`, fill);
}

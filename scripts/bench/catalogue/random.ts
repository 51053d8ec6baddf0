/** Chance that repeats itself: the same seed gives the same numbers. */
export type Random = {
  /** A number from 0 up to 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** One of a list. */
  of<Item>(list: readonly Item[]): Item;
  /** True in so many of a hundred. */
  percent(share: number): boolean;
};

/** Makes a generator of numbers (mulberry32, good enough for inventions). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const random: Random = {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
    between: (low, high) => low + Math.floor(random.next() * (high - low + 1)),
    of(list) {
      const item = list[Math.floor(random.next() * list.length)];
      if (item === undefined) throw new RangeError('There is nothing to choose from.');
      return item;
    },
    percent: (share) => random.next() * 100 < share,
  };
  return random;
}

/** Chooses places 0 … `count` - 1 as Zipf found words to be used: the first often, the last hardly ever. */
export function createZipf(count: number, exponent: number): (random: Random) => number {
  const reach = new Float64Array(count);
  let sum = 0;
  for (let place = 0; place < count; place += 1) {
    sum += 1 / (place + 1) ** exponent;
    reach[place] = sum;
  }
  return (random) => {
    const wanted = random.next() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((reach[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A UUIDv7 of this moment, in milliseconds. */
export function createId(random: Random, at: number): string {
  const time = Math.floor(at).toString(16).padStart(12, '0');
  const hex = (word: number) =>
    `${HEX[word >>> 24]}${HEX[(word >>> 16) & 255]}${HEX[(word >>> 8) & 255]}${HEX[word & 255]}`;
  const words = [0, 1, 2].map(() => Math.floor(random.next() * 4_294_967_296));
  const [a = '', b = '', c = ''] = words.map(hex);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${a.slice(0, 3)}-8${a.slice(3, 6)}-${b}${c.slice(0, 4)}`;
}

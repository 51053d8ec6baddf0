import type { TestSale } from './sales.ts';

/** A generator of numbers below a bound, always the same. https://en.wikipedia.org/wiki/Linear_congruential_generator */
export function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** An order of some of these films within 22 days of a moment, with what became of it. */
export function randomSale(random: (below: number) => number, films: string[], start: number): TestSale {
  const minutes = (count: number) => random(count) * 60_000;
  const createdAt = start + minutes(22 * 1_440);
  const isPaid = random(4) > 0;
  const paidAt = createdAt + minutes(3_000);
  const chosen = films.filter(() => random(3) === 0);
  const items = (chosen.length > 0 ? chosen : films.slice(0, 1)).map((movieId) => {
    const price = random(5) === 0 ? 0 : 50 + random(2_000);
    return { movieId, price, discount: random(3) === 0 ? random(price + 1) : 0 };
  });
  const paid = items.map(({ movieId, price, discount }) => ({ movieId, amount: price - discount }));
  const total = paid.reduce((sum, { amount }) => sum + amount, 0);
  const at = () => new Date(paidAt + minutes(6_000));
  const [first] = paid;
  const all = paid.map(({ movieId }) => movieId);
  const refunds = [
    [],
    [],
    [{ at: at(), amount: total, movieIds: all }],
    [{ at: at(), amount: first?.amount ?? 0, movieIds: all.slice(0, 1) }],
    total === 0 ? [] : [{ at: at(), amount: 1 + random(total) }],
  ][random(5)];
  return {
    createdAt: new Date(createdAt),
    paidAt: isPaid ? new Date(paidAt) : null,
    currency: random(3) === 0 ? 'EUR' : 'USD',
    items,
    ...(isPaid && { refunds: refunds ?? [] }),
  };
}

/** What was sold. Amounts are in the minor unit. */
type Sums = {
  revenue: number;
  refunds: number;
  orders: number;
  items: number;
  placed: number;
  converted: number;
};

/** Adds sales up one by one: by currency, and by currency and what a row is about. */
export function addUp(
  sales: TestSale[],
  genresOf: Map<string, string[]>,
  { from, to, by, timeZone }: { from: string; to: string; by: 'day' | 'movie' | 'genre'; timeZone: string },
) {
  const rows = new Map<string, Sums>();
  const totals = new Map<string, Sums>();
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
  const add = (sums: Map<string, Sums>, key: string, field: keyof Sums, amount: number) => {
    const row = sums.get(key) ?? { revenue: 0, refunds: 0, orders: 0, items: 0, placed: 0, converted: 0 };
    sums.set(key, { ...row, [field]: row[field] + amount });
  };
  for (const { createdAt, paidAt, currency, items, refunds = [] } of sales) {
    const paid = items.map(({ movieId, price, discount = 0 }) => ({ movieId, amount: price - discount }));
    const note = (at: Date, field: keyof Sums, lines: { movieId: string; amount: number }[], perOrder: boolean) => {
      const day = format.format(at);
      if (day < from || day > to) return;
      const amount = perOrder ? 1 : lines.reduce((sum, line) => sum + line.amount, 0);
      add(totals, currency, field, amount);
      if (by === 'day') return add(rows, `${currency} ${day}`, field, amount);
      const about = lines.flatMap(({ movieId, amount: each }) => {
        const names = by === 'movie' ? [movieId] : (genresOf.get(movieId) ?? []);
        return (names.length > 0 ? names : ['none']).map((name) => ({ name, each }));
      });
      if (perOrder)
        for (const name of new Set(about.map((line) => line.name))) add(rows, `${currency} ${name}`, field, 1);
      else for (const { name, each } of about) add(rows, `${currency} ${name}`, field, each);
    };
    note(createdAt, 'placed', paid, true);
    if (!paidAt) continue;
    note(createdAt, 'converted', paid, true);
    note(paidAt, 'orders', paid, true);
    note(
      paidAt,
      'items',
      paid.map(({ movieId }) => ({ movieId, amount: 1 })),
      false,
    );
    note(paidAt, 'revenue', paid, false);
    for (const { at, amount, movieIds } of refunds) {
      const back = paid.filter(({ movieId }) => movieIds === undefined || movieIds.includes(movieId));
      note(at, 'refunds', share(amount, back), false);
    }
  }
  const notNothing = [...rows].filter(([, row]) => Object.values(row).some((value) => value !== 0));
  return { rows: new Map(notNothing), totals };
}

/** Shares an amount among films by what was paid for each; rounded are the sums. */
function share(amount: number, lines: { movieId: string; amount: number }[]) {
  const inAll = lines.reduce((sum, line) => sum + line.amount, 0);
  let until = 0;
  return lines.map(({ movieId, amount: paid }) => {
    const before = inAll === 0 ? 0 : Math.floor((amount * until) / inAll);
    until += paid;
    return { movieId, amount: (inAll === 0 ? 0 : Math.floor((amount * until) / inAll)) - before };
  });
}

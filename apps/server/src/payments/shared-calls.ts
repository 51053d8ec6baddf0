import type Stripe from 'stripe';

/**
 * Makes a way to ask the gateway that those who want the same at the same moment share: who comes while it thinks gets
 * the same answer, or the same failure. It is for one process; others ask for themselves.
 */
export function shareCalls<Answer>(): (stripe: Stripe, key: string, ask: () => Promise<Answer>) => Promise<Answer> {
  const underWay = new WeakMap<Stripe, Map<string, Promise<Answer>>>();
  return async (stripe, key, ask) => {
    const calls = underWay.get(stripe) ?? new Map<string, Promise<Answer>>();
    underWay.set(stripe, calls);
    const known = calls.get(key);
    if (known) return await known;
    const asked = ask().finally(() => calls.delete(key));
    calls.set(key, asked);
    return await asked;
  };
}

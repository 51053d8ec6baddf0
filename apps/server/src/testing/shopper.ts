import { setTimeout } from 'node:timers/promises';
import { int, pick, type Random } from '../catalogue/poster-shapes.ts';
import type { TestApp, Viewer } from './app.ts';
import type { TestMovie } from './factories.ts';
import { sessionIdOf } from './shop.ts';

/** Where a shopper shops: a process that may die at any moment, and another one stand in its place. */
export type Shop = { url: string; stripe: TestApp['stripe']; films: readonly [TestMovie, ...TestMovie[]] };

// oxlint-disable-next-line typescript/no-explicit-any -- a shopper looks into answers as a stranger would
type Answer = { status: number; body: any };
type Ask = (method: string, path: string, body?: object) => Promise<Answer | null>;

/**
 * Buys, cancels, pays, declines and wants money back, as the numbers say, until a moment. Gives the answers that no
 * viewer should ever see: 5xx that is not "come again".
 */
export async function shopUntil(until: number, shop: Shop, { client }: Viewer, random: Random): Promise<Answer[]> {
  const token = (await client.$session.accessToken()) ?? '';
  const faults: Answer[] = [];
  const ask: Ask = async (method, path, body) => {
    const answer = await request(shop.url, token, { method, path, key: `${path} ${random()}`, body });
    if (answer && answer.status >= 500 && answer.status !== 503) faults.push(answer);
    // Nobody is there: he tries something else a moment later.
    if (!answer) await setTimeout(50);
    return answer;
  };
  while (Date.now() < until) await buySomething(shop, ask, random);
  return faults;
}

async function buySomething(shop: Shop, ask: Ask, random: Random): Promise<void> {
  for (let count = int(random, 3); count >= 0; count -= 1) {
    await ask('POST', '/cart/items', { movieId: pick(random, shop.films).id });
  }
  const orderId: unknown = (await ask('POST', '/orders'))?.body?.order?.id ?? (await findPending(ask));
  if (typeof orderId !== 'string') return;
  const path = `/orders/${orderId}`;
  const act = int(random, 6);
  if (act === 0) return;
  const opened = await Promise.all([
    ask('POST', `${path}/checkout`),
    act === 1 && ask('POST', `${path}/checkout`),
    act === 2 && ask('POST', `${path}/cancel`),
  ]);
  const url: unknown = opened[0]?.body?.checkoutUrl;
  if (typeof url !== 'string') return;
  await Promise.all([
    pay(shop, sessionIdOf(url), random),
    act === 3 && setTimeout(int(random, 20)).then(() => ask('POST', `${path}/cancel`)),
  ]);
  if (act > 3) await takeBack(ask, random);
}

/** Wants the money of the last paid order back, or that of a film of it beside. */
async function takeBack(ask: Ask, random: Random): Promise<void> {
  const order = (await ask('GET', '/orders?status=paid&limit=1'))?.body?.items?.[0];
  if (!order) return;
  const path = `/orders/${order.id}/refund`;
  const movieIds = [order.items[0].movieId];
  await Promise.all([
    ask('POST', path, { reason: 'x' }),
    int(random, 2) === 0 && ask('POST', path, { reason: 'x', movieIds }),
  ]);
}

async function findPending(ask: Ask): Promise<unknown> {
  return (await ask('GET', '/orders?status=pending&limit=1'))?.body?.items?.[0]?.id;
}

// The buyer is at Stripe, which does not die. What can't be paid there was closed meanwhile.
async function pay({ stripe }: Shop, sessionId: string, random: Random): Promise<void> {
  await setTimeout(int(random, 20));
  if (int(random, 4) === 0) await control(stripe.url, `${sessionId}/decline`);
  await control(stripe.url, `${sessionId}/pay`);
}

async function control(url: string, path: string): Promise<void> {
  await fetch(`${url}/_control/sessions/${path}`, { method: 'POST' });
}

/** Asks, once more with the same key when the connection breaks; `null` when it breaks again. */
async function request(
  url: string,
  token: string,
  { method, path, key, body }: { method: string; path: string; key: string; body: object | undefined },
): Promise<Answer | null> {
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          'idempotency-key': key,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    } catch {
      await setTimeout(30);
    }
  }
  return null;
}

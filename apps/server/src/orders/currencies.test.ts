import { expect, test } from 'vitest';
import { startTestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { createPromo, rowsOf, sessionIdOf, untilQuiet } from '../testing/shop.ts';

test.for([
  { currency: 'JPY', prices: [980, 1_501], total: 2_232, lines: [882, 1_350], tooSmall: 49, back: [882, 1_350] },
  // Cards settle hundredths of a dinar: its thousandths are neither charged nor paid back alone.
  { currency: 'KWD', prices: [3_995, 995], total: 4_490, lines: [4_490], tooSmall: 5, back: [3_590, 900] },
])('a shop may sell in $currency', async ({ currency, prices, total, lines, tooSmall, back }) => {
  await using app = await startTestApp({ CURRENCY: currency });
  const [viewer, admin] = [await app.signIn(), await app.signIn({ role: 'admin' })];
  const add = async (priceAmount: number) => {
    const film = await createMovie(app.db, { priceAmount, priceCurrency: currency });
    await viewer.client.cart.add.mutate({ movieId: film.id });
    return film;
  };
  for (const price of prices) await add(price);
  await createPromo(admin, { code: 'TENTH', percent: 10 });
  const cart = await viewer.client.cart.applyPromo.mutate({ code: 'tenth' });
  expect(cart.total).toEqual({ amount: total, currency });

  const { order } = await viewer.client.orders.create.mutate({ expectedTotal: cart.total });
  const { checkoutUrl } = await viewer.client.orders.checkout.mutate({ orderId: order.id });
  const items = await app.deps.stripe.checkout.sessions.listLineItems(sessionIdOf(checkoutUrl));
  expect(items.data.map((line) => [line.amount_total, line.currency])).toEqual(
    lines.map((amount) => [amount, currency.toLowerCase()]),
  );
  app.stripe.pay(sessionIdOf(checkoutUrl));
  await untilQuiet(app);
  expect((await rowsOf(app, order.id)).payments).toMatchObject([{ status: 'successful', amount: total, currency }]);

  const refund = async (movieId?: string) => {
    const movieIds = movieId === undefined ? {} : { movieIds: [movieId] };
    return await viewer.client.refunds.request.mutate({ orderId: order.id, reason: 'x', ...movieIds });
  };
  const refunds = [await refund(order.items[0]?.movieId), await refund()];
  expect(refunds.map(({ status, amount }) => [status, amount.amount])).toEqual(back.map((sum) => ['succeeded', sum]));

  await add(tooSmall);
  const refused = await app.rest('POST', '/orders', { viewer });
  expect([refused.status, refused.body.reason]).toEqual([409, 'total_not_payable']);
});

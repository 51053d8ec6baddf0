// What a customer writes with openapi-fetch and the types openapi-typescript makes.
import createClient from 'openapi-fetch';
import type { paths } from './schema.d.ts';
import { API, need, pay, waitFor, watch } from './shop.ts';

const cinema = createClient<paths>({ baseUrl: API });

const login = await cinema.POST('/accounts/login', { body: { email: 'viewer@demo.test', password: 'Popcorn-demo1' } });
if (login.error) throw new Error(login.error.reason);
cinema.use({
  onRequest({ request }) {
    request.headers.set('authorization', `Bearer ${login.data.accessToken}`);
  },
});

const page = await cinema.GET('/movies', { params: { query: { sort: 'popularity', limit: 50 } } });
const film = need(
  page.data?.items.find((each) => each.hasVideo && each.price),
  'film to buy',
);
await cinema.POST('/cart/items', { body: { movieId: film.id } });
const again = await cinema.POST('/cart/items', { body: { movieId: film.id } });
// Refusals are told apart by their reason, and those that say more have it typed.
if (again.error?.reason !== 'already_in_cart') throw new Error(`Twice in the cart: ${again.error?.reason}`);

const wrongTotal = { amount: 1, currency: 'USD' };
const refused = await cinema.POST('/orders', { body: { expectedTotal: wrongTotal } });
if (refused.error?.reason !== 'price_changed') throw new Error(`Another price: ${refused.error?.reason}`);
const expectedTotal = refused.error.newTotal;
const ordered = await cinema.POST('/orders', {
  body: { expectedTotal },
  params: { header: { 'Idempotency-Key': `openapi-fetch-${film.id}` } },
});
const { order } = need(ordered.data, 'order');

const checkout = await cinema.POST('/orders/{orderId}/checkout', { params: { path: { orderId: order.id } } });
await pay(need(checkout.data, 'payment page').checkoutUrl);
await waitFor('The payment', async () => {
  const { data } = await cinema.GET('/orders/{orderId}', { params: { path: { orderId: order.id } } });
  return data?.status === 'paid' ? true : undefined;
});

const playback = await cinema.POST('/library/{movieId}/play', {
  params: { path: { movieId: film.id } },
  body: { deviceId: 'openapi-fetch' },
});
console.log(`openapi-fetch bought ${film.name} and got ${await watch(need(playback.data, 'address').src)}.`);

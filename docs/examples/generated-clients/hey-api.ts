// What a customer writes with the client Hey API makes.
import { client } from './hey-api/client.gen.ts';
import {
  accountsLogin,
  accountsMe,
  cartAdd,
  libraryList,
  moviesList,
  ordersCheckout,
  ordersCreate,
  ordersGet,
  playbackStart,
} from './hey-api/sdk.gen.ts';
import { API, need, pay, waitFor, watch } from './shop.ts';

client.setConfig({ baseUrl: API });

const credentials = { email: 'viewer@demo.test', password: 'Popcorn-demo1' };
const wrong = await accountsLogin({ body: { ...credentials, password: 'Popcorn-wrong1' } });
if (wrong.error?.reason !== 'invalid_credentials') throw new Error('A wrong password is none.');
const login = await accountsLogin({ body: credentials });
const token = need(login.data, 'session').accessToken;
client.setConfig({ baseUrl: API, auth: () => token });
if ((await accountsMe()).data?.email !== credentials.email) throw new Error('Somebody else is signed in.');

const page = await moviesList({ query: { sort: 'popularity', limit: 50 } });
const owned = (await libraryList({ query: {} })).data?.items.map(({ movie }) => movie.id) ?? [];
const film = need(
  page.data?.items.find((each) => each.hasVideo && each.price && !owned.includes(each.id)),
  'film to buy',
);
await cartAdd({ body: { movieId: film.id } });
const ordered = await ordersCreate({ body: { movieIds: [film.id] } });
const { order } = need(ordered.data, 'order');
const checkout = await ordersCheckout({ path: { orderId: order.id } });
await pay(need(checkout.data, 'payment page').checkoutUrl);
await waitFor('The payment', async () => {
  const { data } = await ordersGet({ path: { orderId: order.id } });
  return data?.status === 'paid' ? true : undefined;
});
const playback = await playbackStart({ path: { movieId: film.id }, body: { deviceId: 'hey-api' } });
console.log(`Hey API bought ${film.name} and got ${await watch(need(playback.data, 'address').src)}.`);

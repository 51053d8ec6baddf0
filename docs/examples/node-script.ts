/** Buys the best known film the account does not own yet, and says where it can be watched. */
import { createCinemaClient, isCinemaError } from '@online-cinema/client';

const cinema = createCinemaClient({ baseUrl: process.env['CINEMA_URL'] ?? 'http://localhost:8000' });
await cinema.$session.signIn({ email: 'viewer@demo.test', password: 'Popcorn-demo1' });

for await (const film of cinema.$paginate(cinema.movies.list, { sort: 'popularity' })) {
  if (film.hasVideo && film.price && (await putInCart(film.id))) break;
}
const cart = await cinema.cart.get.query();
console.log(`In the cart: ${cart.items.map(({ movie }) => movie.name).join(', ')}`);

// The total that was shown: when a price has changed meanwhile, nothing is ordered.
const { order } = await cinema.orders.create.mutate({ expectedTotal: cart.total });
const { checkoutUrl } = await cinema.orders.checkout.mutate({ orderId: order.id });
await pay(checkoutUrl);
while ((await cinema.orders.get.query({ orderId: order.id })).status !== 'paid') await pause();

for (const { movieId, name } of order.items) {
  const { src } = await cinema.playback.start.mutate({ movieId, deviceId: 'node-script' });
  console.log(`Watch ${name}: ${src}`);
}
await cinema.$session.signOut();

/** @returns false for a film that can't be bought, now or any more. */
async function putInCart(movieId: string): Promise<boolean> {
  try {
    await cinema.cart.add.mutate({ movieId });
    return true;
  } catch (error) {
    if (isCinemaError(error, 'already_in_cart')) return true;
    if (isCinemaError(error, 'already_owned') || isCinemaError(error, 'in_pending_order')) return false;
    throw error;
  }
}

// What a person does in a browser. Only the simulator's page takes a plain form.
async function pay(checkoutUrl: string): Promise<void> {
  const card = { cardNumber: '4242424242424242', cardExpiry: '12/34', cardCvc: '123' };
  await fetch(checkoutUrl, { method: 'POST', redirect: 'manual', body: new URLSearchParams(card) });
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 250));
}

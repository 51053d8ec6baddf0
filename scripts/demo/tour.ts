/**
 * A tour through the cinema, as any customer's script would do it: an account, a film, a payment, and the first bytes of
 * the film. Needs a running cinema (`npm start`) and `@online-cinema/client`, nothing else.
 */
import { createCinemaClient, isCinemaError } from '@online-cinema/client';

const CINEMA_URL = process.env['CINEMA_URL'] ?? 'http://localhost:8000';
const INBOX_URL = process.env['INBOX_URL'] ?? 'http://localhost:8025';

const cinema = createCinemaClient({ baseUrl: CINEMA_URL });
const email = `tour-${Date.now()}@example.com`;
const password = 'Popcorn-demo1';

step('Register', `as ${email}`);
await cinema.accounts.register.mutate({ email, password });

step('Read the mail', `in the inbox at ${INBOX_URL}`);
const token = await readActivationToken();

step('Activate', 'with the token of the mail');
await cinema.accounts.activate.mutate({ token });

step('Sign in', '');
await cinema.$session.signIn({ email, password });
const me = await cinema.accounts.me.query();
show(`${me.email}, ${me.role}`);

step('Find a film', 'the most popular one that has a video');
const { items } = await cinema.movies.list.query({ sort: 'popularity', limit: 50 });
const film = items.find((each) => each.hasVideo && each.price);
if (!film) throw new Error('No film to watch: is the demo catalogue seeded?');
show(`${film.name} (${film.year}), ${film.genres.map((genre) => genre.name).join(', ')}`);

step('Put it in the cart', '');
const cart = await cinema.cart.add.mutate({ movieId: film.id });
show(`${cart.items.length} film, ${price(cart.total)}`);
await cinema.cart.add.mutate({ movieId: film.id }).catch((error: unknown) => {
  if (!isCinemaError(error, 'already_in_cart')) throw error;
  show(`again? ${error.message}`);
});

step('Order', '');
const { order } = await cinema.orders.create.mutate({ expectedTotal: cart.total });
show(`number ${order.number}, ${order.status}, ${price(order.total)}`);

step('Pay', 'on the page of the payment service');
const { checkoutUrl } = await cinema.orders.checkout.mutate({ orderId: order.id });
show(checkoutUrl);
await fetch(checkoutUrl, {
  method: 'POST',
  redirect: 'manual',
  body: new URLSearchParams({ cardNumber: '4242424242424242', cardExpiry: '12/34', cardCvc: '123' }),
});

step('Wait', 'until the signed webhook has made the order paid');
let status = order.status;
for (let tries = 0; status !== 'paid' && tries < 60; tries += 1) {
  await pause();
  status = (await cinema.orders.get.query({ orderId: order.id })).status;
}
show(`order ${order.number} is ${status}`);

step('Open the library', '');
const library = await cinema.library.list.query({});
show(library.items.map((item) => item.movie.name).join(', '));

step('Watch', 'the first kilobyte, and where the captions are');
const playback = await cinema.playback.start.mutate({ movieId: film.id });
const response = await fetch(playback.src, { headers: { range: 'bytes=0-1023' } });
const bytes = await response.arrayBuffer();
show(
  `${response.status} ${response.headers.get('content-range')}, ${bytes.byteLength} bytes of ${playback.duration} s`,
);
show(`captions: ${playback.tracks.map((track) => track.label).join(', ')}`);
await cinema.playback.progress.mutate({ movieId: film.id, position: 5, duration: playback.duration });

step('Sign out', '');
await cinema.$session.signOut();
console.log('\nBought and watched.');

async function readActivationToken(): Promise<string> {
  for (let tries = 0; tries < 60; tries += 1) {
    const query = new URLSearchParams({ query: `to:${email}` });
    const found = await getJson<{ messages: { ID: string }[] }>(`${INBOX_URL}/api/v1/search?${query.toString()}`);
    const [message] = found.messages;
    if (message) {
      const mail = await getJson<{ Text: string }>(`${INBOX_URL}/api/v1/message/${message.ID}`);
      const match = /token=([\w-]+)/.exec(mail.Text);
      if (match?.[1]) return match[1];
    }
    await pause();
  }
  throw new Error(`No activation mail for ${email} arrived.`);
}

async function getJson<Body>(url: string): Promise<Body> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return (await response.json()) as Body;
}

function step(name: string, detail: string): void {
  console.log(`\n▸ ${name}${detail && ` — ${detail}`}`);
}

function show(text: string): void {
  console.log(`  ${text}`);
}

function price({ amount, currency }: { amount: number; currency: string }): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100);
}

async function pause(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 250));
}

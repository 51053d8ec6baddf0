import type { FastifyInstance, FastifyReply } from 'fastify';
import { findCard, isCardNumber, unauthenticated, type Card } from './cards.ts';
import { formatAmount } from './currency.ts';
import { html, page, pageHeaders, type Html } from './html.ts';
import { isHash, type Params } from './params.ts';
import { paySession } from './payments.ts';
import { lookUpSession } from './sessions.ts';
import type { CheckoutSession, StoredSession, World } from './store.ts';

/** Serves the page a session's `url` leads to, and the receipts. Both work without a script and by plain form posts. */
export function registerPaymentPage(app: FastifyInstance, world: World): void {
  app.get<{ Params: { id: string } }>('/c/pay/:id', async ({ params }, reply) => {
    const stored = lookUpSession(world, params.id);
    return await showSession(reply, stored, 200);
  });

  app.post<{ Params: { id: string } }>('/c/pay/:id', async ({ params, body }, reply) => {
    const stored = lookUpSession(world, params.id);
    if (stored?.session.status !== 'open') return await showSession(reply, stored, stored ? 410 : 404);
    const form = isHash(body) ? body : {};
    const free = stored.session.amount_total === 0;
    const wrong = free ? undefined : findMistake(form, new Date(world.now()));
    if (wrong !== undefined) return await showSession(reply, stored, 402, wrong, form);

    const expiry = readExpiry(field(form, 'expiry') ?? '') ?? { month: 12, year: 2034 };
    let card: Card | undefined = free ? undefined : findCard(digits(field(form, 'cardNumber') ?? ''), expiry);
    if (card?.asksOwner) {
      const proof = field(form, 'authentication');
      if (proof === undefined) {
        return await send(reply, 200, 'Authentication', challenge(stored, form), [origin(stored)]);
      }
      if (proof !== 'complete') card = unauthenticated(card);
    }
    const email = field(form, 'email') || stored.session.customer_email || 'customer@example.com';
    const result = paySession(world, params.id, card, { email, name: field(form, 'name') || null });
    if (!result.paid) return await showSession(reply, stored, 402, result.message, form);
    return await reply.redirect(successUrl(result.session), 303);
  });

  app.get<{ Params: { id: string } }>('/receipts/:id', async ({ params }, reply) => {
    const charge = world.store.charges.get(params.id);
    if (!charge?.paid) {
      return await send(reply, 404, 'Not found', notice('Nothing here', 'There is no receipt at this address.'));
    }
    const day = new Date(charge.created * 1000).toISOString().slice(0, 10);
    const text = `${formatAmount(charge.amount, charge.currency)} paid on ${day} with a card ending in ${charge.payment_method_details?.card?.last4 ?? '…'}.`;
    const refunded = `${formatAmount(charge.amount_refunded, charge.currency)} of it was refunded.`;
    return await send(
      reply,
      200,
      'Receipt',
      notice('Receipt', charge.amount_refunded > 0 ? `${text} ${refunded}` : text),
    );
  });
}

async function showSession(
  reply: FastifyReply,
  stored: StoredSession | undefined,
  status: number,
  message?: string,
  form: Params = {},
): Promise<FastifyReply> {
  if (!stored) {
    const text = 'This page does not exist: the link is wrong, or the simulator was started anew since.';
    return await send(reply, 404, 'Page not found', notice('Something went wrong', text));
  }
  const { session } = stored;
  if (session.status === 'complete') {
    const done = notice('You are all done here', 'This payment was completed.', successUrl(session), 'Continue');
    return await send(reply, status, 'Payment complete', done);
  }
  if (session.status === 'expired') {
    const text = 'This link is no longer active. Go back to the shop to start again.';
    return await send(
      reply,
      status,
      'Link expired',
      notice('This checkout has expired', text, session.cancel_url, 'Return'),
    );
  }
  const body = checkout(stored, message, form);
  return await send(reply, status, 'Checkout', body, [origin(stored)]);
}

function checkout({ session, lineItems }: StoredSession, message: string | undefined, form: Params): Html {
  const currency = session.currency ?? 'usd';
  const total = session.amount_total ?? 0;
  return html`<main class="checkout">
    <section class="summary">
      <div class="column">
        <div class="back">
          ${session.cancel_url !== null && html`<a href="${session.cancel_url}" id="cancel">← Back</a>`}
          <span>Online Cinema</span> <span class="badge">TEST MODE</span>
        </div>
        <p class="soft">Pay Online Cinema</p>
        <p class="total" id="total">${formatAmount(total, currency)}</p>
        <ul class="lines">
          ${lineItems.map(
            (line) =>
              html`<li>
                <span
                  >${line.description}
                  ${
                    (line.quantity ?? 1) > 1 &&
                    html`<small>${line.quantity} × ${formatAmount(line.price.unit_amount ?? 0, currency)}</small>`
                  }</span
                >
                <span class="price">${formatAmount(line.amount_total, currency)}</span>
              </li>`,
          )}
          <li><span>Total due</span> <span class="price">${formatAmount(total, currency)}</span></li>
        </ul>
      </div>
    </section>
    <section class="form">
      <form class="column" method="post" action="/c/pay/${session.id}" autocomplete="off">
        <h2>${total === 0 ? 'Complete your order' : 'Pay with card'}</h2>
        ${message !== undefined && html`<p class="alert" role="alert">${message}</p>`}
        <label
          >Email
          <input
            name="email"
            type="email"
            required
            value="${session.customer_email ?? field(form, 'email')}"
            ${session.customer_email !== null && html`readonly`}
          />
        </label>
        ${total > 0 && cardFields(form)}
        <button type="submit">${total === 0 ? 'Complete order' : `Pay ${formatAmount(total, currency)}`}</button>
        <p class="hint">
          No money moves here. <code>4242 4242 4242 4242</code> pays, <code>4000 0000 0000 0002</code> is declined,
          <code>4000 0000 0000 9995</code> has insufficient funds.
        </p>
      </form>
    </section>
  </main>`;
}

function cardFields(form: Params): Html {
  return html`<label
      >Card number
      <input name="cardNumber" inputmode="numeric" required maxlength="23" placeholder="1234 1234 1234 1234" />
    </label>
    <div class="pair">
      <label
        >Expiry
        <input
          name="expiry"
          inputmode="numeric"
          required
          maxlength="7"
          placeholder="MM / YY"
          value="${field(form, 'expiry')}"
        />
      </label>
      <label>CVC <input name="cvc" inputmode="numeric" required maxlength="4" placeholder="CVC" /></label>
    </div>
    <label>Name on card <input name="name" maxlength="100" value="${field(form, 'name')}" /></label>`;
}

/** The page on which the card's bank asks its owner (3-D Secure). It hands on what was typed before. */
function challenge({ session }: StoredSession, form: Params): Html {
  const typed = ['email', 'name', 'cardNumber', 'expiry', 'cvc'].filter((name) => field(form, name) !== undefined);
  return html`<main class="notice">
    <form method="post" action="/c/pay/${session.id}">
      <h1>Is it you?</h1>
      <p class="soft">
        Your bank wants to know whether you are paying
        ${formatAmount(session.amount_total ?? 0, session.currency ?? 'usd')} to Online Cinema.
      </p>
      ${typed.map((name) => html`<input type="hidden" name="${name}" value="${field(form, name)}" />`)}
      <button name="authentication" value="complete">Complete authentication</button>
      <button name="authentication" value="fail" class="plain">Fail authentication</button>
    </form>
  </main>`;
}

function notice(title: string, text: string, link?: string | null, label?: string): Html {
  return html`<main class="notice">
    <h1>${title}</h1>
    <p class="soft">${text}</p>
    ${link && html`<a class="button" href="${link}">${label}</a>`}
  </main>`;
}

async function send(reply: FastifyReply, status: number, title: string, body: Html, formTargets: string[] = []) {
  return await reply.code(status).headers(pageHeaders(formTargets)).send(page(title, body));
}

/** What the form itself would refuse, in Stripe's words. Only the number has to be sent at all, for callers without a browser. */
function findMistake(form: Params, now: Date): string | undefined {
  const number = field(form, 'cardNumber');
  if (number === undefined || digits(number) === '') return 'Your card number is incomplete.';
  if (!isCardNumber(digits(number))) return 'Your card number is invalid.';
  const expiryText = field(form, 'expiry');
  if (expiryText !== undefined) {
    const expiry = readExpiry(expiryText);
    if (!expiry) return "Your card's expiration date is incomplete.";
    const end = Date.UTC(expiry.year, expiry.month, 1);
    if (end <= now.getTime()) return "Your card's expiration date is in the past.";
  }
  const cvc = field(form, 'cvc');
  if (cvc !== undefined && !/^\d{3,4}$/.test(cvc.trim())) return "Your card's security code is incomplete.";
  return undefined;
}

function readExpiry(text: string): { month: number; year: number } | undefined {
  const match = /^\s*(0?[1-9]|1[0-2])\s*[/ -]?\s*(?:20)?(\d{2})\s*$/.exec(text);
  return match ? { month: Number(match[1]), year: 2000 + Number(match[2]) } : undefined;
}

function successUrl(session: CheckoutSession): string {
  return (session.success_url ?? '').replaceAll('{CHECKOUT_SESSION_ID}', session.id);
}

/** Where the form leads in the end. */
function origin({ session }: StoredSession): string {
  return new URL(successUrl(session)).origin;
}

function field(form: Params, name: string): string | undefined {
  const value = form[name];
  return typeof value === 'string' ? value : undefined;
}

function digits(text: string): string {
  return text.replace(/[\s-]/g, '');
}

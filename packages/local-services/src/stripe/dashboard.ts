import type { FastifyInstance } from 'fastify';
import { formatAmount } from './currency.ts';
import { html, page, pageHeaders, type Html } from './html.ts';
import { newestFirst } from './lists.ts';
import type { World } from './store.ts';
import type { Dispatcher } from './webhooks.ts';

const SHOWN = 50;

/** Serves `/`: what was sold, charged, told and delivered, newest first. */
export function registerDashboard(app: FastifyInstance, world: World, dispatcher: Dispatcher): void {
  app.get('/', async (_request, reply) => {
    const { sessions, charges, refunds, events } = world.store;
    const body = html`<main class="dashboard">
      <h1>Stripe simulator <span class="badge">TEST MODE</span></h1>
      <p class="soft">
        Sessions: ${sessions.size} · charges: ${charges.size} · refunds: ${refunds.size} · events: ${events.size}. The
        newest ${SHOWN} of each are shown; load the page again for news.
      </p>
      ${table(
        'Checkout sessions',
        ['Created', 'Status', 'Total', 'Reference', 'Session'],
        newestFirst(sessions).map(({ session }) => [
          time(session.created * 1000),
          session.status,
          formatAmount(session.amount_total ?? 0, session.currency ?? 'usd'),
          session.client_reference_id,
          html`<a href="/c/pay/${session.id}"><code>${session.id.slice(0, 24)}…</code></a>`,
        ]),
      )}
      ${table(
        'Charges',
        ['Created', 'Status', 'Amount', 'Refunded', 'Charge', 'Payment intent'],
        newestFirst(charges).map((charge) => [
          time(charge.created * 1000),
          charge.disputed ? `${charge.status}, disputed` : (charge.failure_message ?? charge.status),
          formatAmount(charge.amount, charge.currency),
          charge.amount_refunded > 0 && formatAmount(charge.amount_refunded, charge.currency),
          charge.paid
            ? html`<a href="/receipts/${charge.id}"><code>${charge.id}</code></a>`
            : html`<code>${charge.id}</code>`,
          html`<code>${charge.payment_intent}</code>`,
        ]),
      )}
      ${table(
        'Events',
        ['Created', 'Type', 'Pending', 'Event'],
        newestFirst(events).map((event) => [
          time(event.created * 1000),
          event.type,
          event.pending_webhooks,
          html`<code>${event.id}</code>`,
        ]),
      )}
      ${table(
        'Webhook deliveries',
        ['At', 'Event', 'Try', 'Outcome', 'Status', 'Answer'],
        dispatcher
          .deliveries()
          .reverse()
          .map((delivery) => [
            time(Date.parse(delivery.at)),
            delivery.eventType,
            delivery.attempt,
            delivery.outcome,
            delivery.status,
            delivery.answer.slice(0, 60),
          ]),
      )}
    </main>`;
    return await reply.headers(pageHeaders()).send(page('Stripe simulator', body));
  });
}

function table(title: string, columns: string[], rows: unknown[][]): Html {
  const cells = (row: unknown[]) => row.map((cell) => html`<td>${cell}</td>`);
  return html`<h2>${title}</h2>
    <div class="scroll">
      ${
        rows.length === 0
          ? html`<p class="empty">None yet.</p>`
          : html`<table>
              <thead>
                <tr>
                  ${columns.map((column) => html`<th>${column}</th>`)}
                </tr>
              </thead>
              <tbody>
                ${rows.slice(0, SHOWN).map(
                  (row) =>
                    html`<tr>
                      ${cells(row)}
                    </tr>`,
                )}
              </tbody>
            </table>`
      }
    </div>`;
}

function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ');
}

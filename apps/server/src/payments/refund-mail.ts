import { z } from 'zod';
import { defineJob } from '../job.ts';
import { html } from '../lib/html.ts';
import { composeLetter } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';
import { formatMoney } from '../lib/money.ts';
import { type RefundMail, selectRefundMail } from './refund-queries.ts';

/** Tells the buyer that money went back, or that it will not. */
export const refundMail = defineJob({
  name: 'payments.refund-mail',
  data: z.object({ refundId: z.uuid() }),
  async run({ db, mailer, config }, { refundId }, signal) {
    const refund = await selectRefundMail(db, refundId);
    if (!refund) return;
    await mailer.send(refundLetter(refund, config.publicUrl), signal);
  },
});

function refundLetter(refund: RefundMail, publicUrl: string): Letter {
  const isPaidBack = refund.status === 'succeeded';
  const amount = formatMoney({ amount: refund.amount, currency: refund.currency });
  return composeLetter({
    key: `refund.${refund.id}`,
    to: refund.email,
    subject: isPaidBack ? `Refund for order ${refund.orderNumber}` : `No refund for order ${refund.orderNumber}`,
    paragraphs: [
      isPaidBack
        ? html`Hello <span id="email">${refund.email}</span>, we have paid <strong id="amount">${amount}</strong> of
            your order <strong id="order">${refund.orderNumber}</strong> back to you. Your bank may need some days to
            show it.`
        : html`Hello <span id="email">${refund.email}</span>, you asked for a refund of
            <strong id="amount">${amount}</strong> for your order <strong id="order">${refund.orderNumber}</strong>. We
            can not make it.`,
      ...(refund.note === null ? [] : [html`We noted: ${refund.note}`]),
      ...(isPaidBack && refund.films.length > 0
        ? [html`No longer in your library: ${refund.films.map(({ name, year }) => `${name} (${year})`).join(', ')}.`]
        : []),
      ...(isPaidBack && refund.number !== null ? [html`Credit note ${refund.number}.`] : []),
    ],
    action: { label: 'See the order', url: `${publicUrl}/orders/${refund.orderId}` },
  });
}

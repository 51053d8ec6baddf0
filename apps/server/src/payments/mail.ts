import { html } from '../lib/html.ts';
import { composeLetter } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';
import { formatMoney } from '../lib/money.ts';
import type { Receipt } from './queries.ts';

/** Writes the receipt: each film with its price, and the total. */
export function orderPaidLetter(receipt: Receipt, publicUrl: string): Letter {
  const { number, currency } = receipt;
  return composeLetter({
    key: `order-paid.${receipt.id}`,
    to: receipt.email,
    subject: `Receipt for order ${number}`,
    paragraphs: [
      html`Thank you, <span id="email">${receipt.email}</span>! Your order <strong id="order">${number}</strong> is
        paid.`,
      ...receipt.items.map(
        (item) => html`${item.name} (${item.year}) — ${formatMoney({ amount: item.priceAmount, currency })}`,
      ),
      html`Total: <strong id="total">${formatMoney({ amount: receipt.totalAmount, currency })}</strong>`,
    ],
    action: { label: 'Watch now', url: `${publicUrl}/library` },
  });
}

import { html } from '../lib/html.ts';
import { composeLetter } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';
import { formatMoney } from '../lib/money.ts';
import type { Receipt } from './queries.ts';

/** Writes the receipt: each film with its price, what was taken off, and the total. */
export function orderPaidLetter(receipt: Receipt, publicUrl: string): Letter {
  const { number, currency } = receipt;
  const discount = receipt.items.reduce((sum, item) => sum + item.discountAmount, 0);
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
      ...(discount > 0 ? [html`Discount: −${formatMoney({ amount: discount, currency })}`] : []),
      html`Total: <strong id="total">${formatMoney({ amount: receipt.totalAmount, currency })}</strong>`,
    ],
    action: { label: 'Watch now', url: `${publicUrl}/library` },
  });
}

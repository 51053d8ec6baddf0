import { createHash } from 'node:crypto';
import type { Receipt } from '@online-cinema/contract/payments';
import { type Html, html } from '../lib/html.ts';
import { formatMoney } from '../lib/money.ts';

const STYLE = `
  :root { background: #f4f2ee; color: #1d1b18; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 44rem; margin: 2rem auto; padding: 2rem; background: #fff; }
  header { display: flex; justify-content: space-between; gap: 2rem; flex-wrap: wrap; }
  address { font-style: normal; white-space: pre-line; }
  table { width: 100%; margin: 2rem 0; border-collapse: collapse; }
  th, td { padding: .4rem 0; border-bottom: 1px solid #ddd8ce; text-align: left; vertical-align: top; }
  th:nth-child(n + 2), td:nth-child(n + 2) { text-align: right; padding-left: 1rem; white-space: nowrap; }
  tfoot th, tfoot td { border: 0; }
  .total { font-weight: 700; }
  @media print { :root { background: #fff; } body { margin: 0; padding: 0; } }
`;

// Whole: the policy names it by its digest, to the last space.
const STYLE_ELEMENT: Html = { html: `<style>${STYLE}</style>` };

/** What the page may load: nothing but its own style. */
export const RECEIPT_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Writes a receipt as a page that can be read and printed. */
export function receiptPage(receipt: Receipt): string {
  const { seller, buyer, tax } = receipt;
  const hasDiscount = receipt.discount.amount > 0;
  const span = hasDiscount ? 3 : 1;
  const sum = (name: string, amount: string, kind = '') =>
    html`<tr class="${kind}">
      <th colspan="${span}">${name}</th>
      <td>${amount}</td>
    </tr>`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Receipt ${receipt.number}</title>
        <link rel="icon" href="data:," />
        ${STYLE_ELEMENT}
      </head>
      <body>
        <h1>Receipt ${receipt.number}</h1>
        <p>Order ${receipt.orderNumber}, paid on ${dayOf(receipt.issuedAt)}</p>
        <header>
          <address>${linesOfSeller(seller).join('\n')}</address>
          <address>${linesOfBuyer(buyer).join('\n')}</address>
        </header>
        <table>
          <thead>
            <tr>
              <th>Film</th>
              ${hasDiscount ? [html`<th>Price</th>`, html`<th>Discount</th>`] : []}
              <th>Amount</th>
            </tr>
          </thead>
          <tbody>
            ${receipt.lines.map(
              (line) =>
                html`<tr>
                  <td>${line.name} (${line.year})</td>
                  ${
                    hasDiscount
                      ? [html`<td>${formatMoney(line.price)}</td>`, html`<td>${formatMoney(line.discount)}</td>`]
                      : []
                  }
                  <td>${formatMoney(line.total)}</td>
                </tr>`,
            )}
          </tbody>
          <tfoot>
            ${sum('Total', formatMoney(receipt.total), 'total')}
            ${sum(taxNote(tax), tax ? formatMoney(tax.amount) : '')}
            ${receipt.refunds.map(({ number, refundedAt, amount }) =>
              sum(`Refunded on ${dayOf(refundedAt)}, credit note ${number}`, `−${formatMoney(amount)}`),
            )}
          </tfoot>
        </table>
      </body>
    </html> `;
  return page.html;
}

/** Says a day, in UTC. */
export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10);
}

/** Who sells, line by line. */
export function linesOfSeller({ name, address, taxId }: Receipt['seller']): string[] {
  return [name, ...(address === '' ? [] : [address]), ...(taxId === '' ? [] : [`Tax id ${taxId}`])];
}

/** Who bought, line by line. */
export function linesOfBuyer({ name, email }: Receipt['buyer']): string[] {
  return [...(name === null ? [] : [name]), email];
}

/** Says what of the total is tax. */
export function taxNote(tax: Receipt['tax']): string {
  return tax === null ? 'No tax is charged.' : `Including ${tax.ratePercent} % tax`;
}

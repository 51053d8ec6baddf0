import { createRequire } from 'node:module';
import type { Receipt } from '@online-cinema/contract/payments';
import { formatMoney } from '../lib/money.ts';
import { dayOf, linesOfBuyer, linesOfSeller, taxNote } from './receipt-page.ts';

// The fonts every reader of PDF brings along know Latin letters only. These have most scripts that are written with
// letters; of them the file gets the ones it uses.
const fonts = createRequire(import.meta.url);
const REGULAR = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');
const BOLD = fonts.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf');

const MARGIN = 56;
const AMOUNT_WIDTH = 110;

/** Writes a receipt as a PDF of as many A4 pages as it needs. */
export async function receiptPdf(receipt: Receipt): Promise<Uint8Array> {
  // Loaded with the first receipt: a process that writes none keeps its 30 MB.
  const { default: PDFDocument } = await import('pdfkit');
  const document = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    font: REGULAR,
    lang: 'en',
    info: { Title: `Receipt ${receipt.number}`, Author: receipt.seller.name, CreationDate: receipt.issuedAt },
  });
  const pieces: Uint8Array[] = [];
  document.on('data', (piece: Uint8Array) => pieces.push(piece));
  const ended = new Promise<void>((resolve, reject) => document.on('end', resolve).on('error', reject));
  write(document, receipt);
  document.end();
  await ended;
  return Buffer.concat(pieces);
}

function write(document: PDFKit.PDFDocument, receipt: Receipt): void {
  const { seller, buyer, tax, refunds } = receipt;
  document.font(BOLD).fontSize(20).text(`Receipt ${receipt.number}`);
  document.font(REGULAR).fontSize(10);
  document.text(`Order ${receipt.orderNumber}, paid on ${dayOf(receipt.issuedAt)}`).moveDown(1.5);
  document.text(linesOfSeller(seller).join('\n')).moveDown();
  document.text(linesOfBuyer(buyer).join('\n')).moveDown(1.5);
  for (const line of receipt.lines) {
    const isCheaper = line.discount.amount > 0;
    const note = isCheaper ? ` — ${formatMoney(line.price)} less ${formatMoney(line.discount)}` : '';
    row(document, `${line.name} (${line.year})${note}`, formatMoney(line.total));
  }
  document.moveDown();
  document.font(BOLD);
  row(document, 'Total', formatMoney(receipt.total));
  document.font(REGULAR);
  row(document, taxNote(tax), tax ? formatMoney(tax.amount) : '');
  for (const { number, refundedAt, amount } of refunds) {
    row(document, `Refunded on ${dayOf(refundedAt)}, credit note ${number}`, `−${formatMoney(amount)}`);
  }
}

/** Writes a name, on several lines when it is long, and an amount at the right of its first line. */
function row(document: PDFKit.PDFDocument, name: string, amount: string): void {
  const { width, height } = document.page;
  const nameWidth = width - 2 * MARGIN - AMOUNT_WIDTH;
  // A row that began on one page must not end on another, with its amount on the wrong one.
  const needed = document.heightOfString(name, { width: nameWidth });
  if (document.y + needed > height - MARGIN) document.addPage();
  const top = document.y;
  document.text(amount, width - MARGIN - AMOUNT_WIDTH, top, { width: AMOUNT_WIDTH, align: 'right' });
  document.text(name, MARGIN, top, { width: nameWidth });
  document.moveDown(0.3);
}

import type { Receipt } from '@online-cinema/contract/payments';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { selectReceiptFacts } from './receipt-queries.ts';

/** Gives the receipt of a user's payment. @throws AppError `not_found`, also where nothing was bought with it. */
export async function getReceipt({ db }: Pick<Deps, 'db'>, userId: string, paymentId: string): Promise<Receipt> {
  const facts = await selectReceiptFacts(db, userId, paymentId);
  if (!facts) throw new AppError('not_found');
  const money = (amount: number) => ({ amount, currency: facts.currency });
  const ratePercent = Number(facts.taxRatePercent);
  const name = [facts.firstName, facts.lastName].filter((part) => part !== null).join(' ');
  return {
    number: facts.number,
    issuedAt: facts.issuedAt,
    orderNumber: facts.orderNumber,
    seller: { name: facts.sellerName, address: facts.sellerAddress, taxId: facts.sellerTaxId },
    buyer: { name: name === '' ? null : name, email: facts.email },
    lines: facts.lines.map((line) => ({
      name: line.name,
      year: line.year,
      price: money(line.priceAmount),
      discount: money(line.discountAmount),
      total: money(line.priceAmount - line.discountAmount),
    })),
    subtotal: money(facts.amount + facts.discountAmount),
    discount: money(facts.discountAmount),
    total: money(facts.amount),
    tax: ratePercent === 0 ? null : { ratePercent, amount: money(includedTax(facts.amount, ratePercent)) },
    refunds: facts.refunds.flatMap(({ number, finishedAt, amount }) =>
      number === null || finishedAt === null
        ? []
        : [{ number, refundedAt: new Date(finishedAt), amount: money(amount) }],
    ),
  };
}

// In whole hundredths of a percent, so that no fraction of a cent is lost in between.
function includedTax(amount: number, ratePercent: number): number {
  const rate = Math.round(ratePercent * 100);
  return Math.round((amount * rate) / (10_000 + rate));
}

import type { Excluded } from '@online-cinema/contract/orders';
import type { Db } from '@online-cinema/db/open';
import { AppError } from '../lib/errors.ts';
import { weighPromo } from '../promos/weighing.ts';
import { selectFilmsOfToday, selectOrderPromo } from './order-prices-queries.ts';
import type { lockOrder, selectOrderLines } from './queries.ts';

type Line = Awaited<ReturnType<typeof selectOrderLines>>[number];
type Order = NonNullable<Awaited<ReturnType<typeof lockOrder>>>;

/**
 * Makes sure that the shop sells all of an order still: nobody pays for what it would not sell. Who has the page open
 * already may pay.
 *
 * @throws AppError `not_for_sale` (with `excluded`).
 */
export function assertForSale(lines: Line[], { currency }: Order): void {
  const gone = lines.filter(
    (line) => line.isWithdrawn || line.currentAmount === null || line.currentCurrency !== currency,
  );
  if (gone.length === 0) return;
  const excluded: Excluded[] = gone.map(({ movieId }) => ({ movieId, reason: 'not_for_sale' }));
  throw new AppError('not_for_sale', { details: { excluded } });
}

/**
 * Makes sure that an order costs what its films cost today. What the buyer saw when he ordered is what is charged; when
 * the shop has changed its mind, he is asked again, and told what he would pay if he ordered anew.
 *
 * @throws AppError `price_changed` (with `oldTotal`, `newTotal`, and `why` its promotion no longer applies).
 */
export async function assertSamePrices(db: Db, lines: Line[], order: Order, now: Date): Promise<void> {
  if (lines.every((line) => line.currentAmount === line.priceAmount)) return;
  const { id: exceptOrderId, userId, totalAmount, currency } = order;
  const films = await selectFilmsOfToday(db, order.id);
  const code = await selectOrderPromo(db, order.id);
  const verdict = code && (await weighPromo(db, { code, userId, films, currency, now, exceptOrderId }));
  const why = verdict ? verdict.why : null;
  const discount = verdict && verdict.why === null ? verdict.discount.amount : 0;
  const newAmount = films.reduce((sum, { priceAmount }) => sum + priceAmount, 0) - discount;
  throw new AppError('price_changed', {
    details: {
      oldTotal: { amount: totalAmount, currency },
      newTotal: { amount: newAmount, currency },
      ...(why !== null && { why }),
    },
  });
}

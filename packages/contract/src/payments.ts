import { z } from 'zod';
import { Id, Money, Moment, PageInput, pageOf } from './common.ts';

/**
 * The states of a payment. A declined one may still succeed while its page is open; a canceled one was closed unpaid.
 */
export const PAYMENT_STATUSES = [
  'pending',
  'successful',
  'declined',
  'canceled',
  'refunded',
  'partially_refunded',
] as const;

/** One attempt to pay an order; an order can have several. `receiptUrl` is Stripe's receipt, when there is one. */
export const Payment = z
  .object({
    id: Id,
    orderId: Id,
    orderNumber: z.int(),
    status: z.enum(PAYMENT_STATUSES),
    amount: Money,
    receiptUrl: z.string().nullable(),
    createdAt: Moment,
  })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof Payment>;

/** Asks for a page of the caller's payments. */
export const PaymentListInput = PageInput;
/** A page of payments, newest first. */
export const PaymentPage = pageOf(Payment).meta({ id: 'PaymentPage' });

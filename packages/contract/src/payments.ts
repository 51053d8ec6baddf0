import { z } from 'zod';
import { Id, Money, Moment, PageInput, pageOf } from './common.ts';
import { Refund } from './refunds.ts';

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

/**
 * One attempt to pay an order; an order can have several. `receiptUrl` is the address of the receipt over REST, for the
 * one that fulfilled the order.
 */
export const Payment = z
  .object({
    id: Id,
    orderId: Id,
    orderNumber: z.int(),
    status: z.enum(PAYMENT_STATUSES),
    amount: Money,
    receiptUrl: z
      .string()
      .nullable()
      .meta({ description: 'Its receipt: a page, or with `Accept: application/pdf` a file. Needs the access token.' }),
    advice: z
      .string()
      .nullable()
      .meta({ description: 'What the buyer can do when the card was declined, in a sentence.' }),
    createdAt: Moment,
  })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof Payment>;

/** Asks for a page of the caller's payments. */
export const PaymentListInput = PageInput;
/** A page of payments, newest first. */
export const PaymentPage = pageOf(Payment).meta({ id: 'PaymentPage' });

/** Names one of the caller's payments. */
export const PaymentInput = z.strictObject({ paymentId: Id });
/** A payment with what went back of it. */
export const PaymentDetails = Payment.extend({
  receiptNumber: z.int().nullable(),
  refunds: z.array(Refund).meta({ description: 'Oldest first.' }),
}).meta({ id: 'PaymentDetails' });
export type PaymentDetails = z.infer<typeof PaymentDetails>;

/** A film on a receipt, as it was ordered. */
export const ReceiptLine = z.object({ name: z.string(), year: z.int(), price: Money, discount: Money, total: Money });

/** The receipt of a payment. What was sold, when, by whom and for how much stays as it was; the buyer is today's. */
export const Receipt = z
  .object({
    number: z.int().meta({ description: 'Of a series without gaps.' }),
    issuedAt: Moment,
    orderNumber: z.int(),
    seller: z.object({ name: z.string(), address: z.string(), taxId: z.string() }),
    buyer: z.object({ name: z.string().nullable(), email: z.string() }),
    lines: z.array(ReceiptLine),
    subtotal: Money,
    discount: Money,
    total: Money,
    tax: z
      .object({ ratePercent: z.number(), amount: Money })
      .nullable()
      .meta({ description: 'What of the total is tax; null where none is charged.' }),
    refunds: z
      .array(z.object({ number: z.int(), refundedAt: Moment, amount: Money }))
      .meta({ description: 'What went back, each with the number of its credit note.' }),
  })
  .meta({ id: 'Receipt' });
export type Receipt = z.infer<typeof Receipt>;

import { z } from 'zod';
import { Id, Money, Moment, PageInput, pageOf } from './common.ts';

export const PAYMENT_STATUSES = [
  'pending',
  'successful',
  'declined',
  'canceled',
  'refunded',
  'partially_refunded',
] as const;

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

export const PaymentListInput = PageInput;
export const PaymentPage = pageOf(Payment).meta({ id: 'PaymentPage' });

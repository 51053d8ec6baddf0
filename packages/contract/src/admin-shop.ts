import { z } from 'zod';
import { Day, Id, Money, Moment, MovieRef, PageInput, pageOf } from './common.ts';
import { OrderItem, OrderStatus } from './orders.ts';
import { PAYMENT_STATUSES } from './payments.ts';
import { Refund } from './refunds.ts';

const PAYMENT_GATEWAYS = ['stripe', 'none'] as const;

const MomentOrDay = z.union([z.iso.datetime({ offset: true }), Day]);

const BUYER_FILTER = {
  userId: Id.optional(),
  email: z.string().trim().min(1).max(254).optional().meta({ description: "Any part of the buyer's address." }),
  from: MomentOrDay.optional().meta({
    description: "From this moment or day on; days are those of the shop's time zone.",
  }),
  to: MomentOrDay.optional().meta({ description: 'Before this moment, or to the end of this day.' }),
};
const ORDER_FILTER = { ...BUYER_FILTER, status: OrderStatus.optional() };
const PAYMENT_FILTER = {
  ...BUYER_FILTER,
  status: z.enum(PAYMENT_STATUSES).optional(),
  needsReview: z.boolean().optional().meta({ description: 'Whether a person must look at it.' }),
};
const FORMAT = { format: z.literal('csv').default('csv') };

/** Who bought, when the account is still there. */
export const Buyer = z
  .object({ id: Id, email: z.string() })
  .nullable()
  .meta({ description: 'Null: the account is gone.' });

const StripeIds = {
  stripeSessionId: z.string().nullable(),
  stripePaymentIntentId: z.string().nullable(),
  declineCode: z.string().nullable().meta({ description: "Why the card was declined, in the gateway's words." }),
  reviewReason: z.string().nullable().meta({ description: 'Why a person must look at it; null: nobody must.' }),
};

/** An order as the staff sees it. */
export const AdminOrder = z
  .object({
    id: Id,
    number: z.int(),
    status: OrderStatus,
    buyer: Buyer,
    items: z.array(OrderItem.omit({ posterUrl: true })),
    promo: z.string().nullable(),
    subtotal: Money,
    discount: Money,
    total: Money,
    refunded: Money.meta({ description: 'What went back of the payment that bought it.' }),
    payment: z
      .object({
        id: Id,
        status: z.enum(PAYMENT_STATUSES),
        gateway: z.enum(PAYMENT_GATEWAYS),
        ...StripeIds,
        createdAt: Moment,
      })
      .nullable()
      .meta({ description: 'The latest attempt to pay it.' }),
    needsReview: z.boolean().meta({ description: 'A person must look at one of its payments.' }),
    createdAt: Moment,
    expiresAt: Moment.nullable().meta({ description: 'Until when a pending order waits for its payment.' }),
    paidAt: Moment.nullable(),
    canceledAt: Moment.nullable(),
  })
  .meta({ id: 'AdminOrder' });
export type AdminOrder = z.infer<typeof AdminOrder>;

/** Asks for a page of everybody's orders; the moments are those of ordering. */
export const AdminOrderListInput = PageInput.extend(ORDER_FILTER);
export type AdminOrderListInput = z.infer<typeof AdminOrderListInput>;
/** A page of everybody's orders, newest first. */
export const AdminOrderPage = pageOf(AdminOrder).meta({ id: 'AdminOrderPage' });
/** Asks for everybody's orders as a file. */
export const AdminOrderExport = z.strictObject({ ...ORDER_FILTER, ...FORMAT });
export type AdminOrderExport = z.infer<typeof AdminOrderExport>;

/** An attempt to pay as the staff sees it. */
export const AdminPayment = z
  .object({
    id: Id,
    orderId: Id,
    orderNumber: z.int(),
    status: z.enum(PAYMENT_STATUSES),
    buyer: Buyer,
    amount: Money,
    taken: Money.optional().meta({
      description: 'What the gateway took, where that fits no order: so much goes back. Absent: `amount`.',
    }),
    refunded: Money.meta({ description: 'What went back of it.' }),
    gateway: z.enum(PAYMENT_GATEWAYS).meta({ description: 'none: it was worth nothing.' }),
    ...StripeIds,
    receiptNumber: z.int().nullable().meta({ description: 'Of the payment that bought its order.' }),
    refunds: z.array(Refund).meta({ description: 'Oldest first.' }),
    createdAt: Moment,
    closedAt: Moment.nullable().meta({ description: 'When it was paid or given up.' }),
  })
  .meta({ id: 'AdminPayment' });
export type AdminPayment = z.infer<typeof AdminPayment>;

/** Asks for a page of everybody's payments; the moments are those at which the attempts began. */
export const AdminPaymentListInput = PageInput.extend(PAYMENT_FILTER);
export type AdminPaymentListInput = z.infer<typeof AdminPaymentListInput>;
/** A page of everybody's payments, newest first. */
export const AdminPaymentPage = pageOf(AdminPayment).meta({ id: 'AdminPaymentPage' });
/** Asks for everybody's payments as a file. */
export const AdminPaymentExport = z.strictObject({ ...PAYMENT_FILTER, ...FORMAT });
export type AdminPaymentExport = z.infer<typeof AdminPaymentExport>;

/** Gives a user a film, or takes one back that was given. */
export const GrantMovie = z.strictObject({
  userId: Id,
  movieId: MovieRef,
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .meta({ description: 'For the audit log, which is never erased: no names or addresses.' }),
});
export type GrantMovie = z.infer<typeof GrantMovie>;

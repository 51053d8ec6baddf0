import { z } from 'zod';
import { Id, Money, Moment, MovieRef, PageInput, pageOf } from './common.ts';
import { Payment } from './payments.ts';

export const ORDER_STATUSES = ['pending', 'paid', 'canceled', 'refunded'] as const;
export const OrderStatus = z.enum(ORDER_STATUSES);
export type OrderStatus = z.infer<typeof OrderStatus>;

export const CreateOrder = z.strictObject({
  movieIds: z
    .array(MovieRef)
    .min(1)
    .max(1_000)
    .optional()
    .meta({ description: 'Part of the cart; default: all of it.' }),
  expectedTotal: Money.strict()
    .optional()
    .meta({ description: 'Refused with price_changed when the total is another.' }),
});
export type CreateOrder = z.infer<typeof CreateOrder>;

export const OrderItem = z.object({
  movieId: Id,
  slug: z.string(),
  name: z.string().meta({ description: 'As it was when ordered.' }),
  year: z.int(),
  price: Money.meta({ description: 'As it was when ordered.' }),
  posterUrl: z.string().nullable(),
});

export const Order = z
  .object({
    id: Id,
    number: z.int(),
    status: OrderStatus,
    items: z.array(OrderItem),
    total: Money,
    payment: Payment.nullable().meta({ description: 'The latest attempt to pay it.' }),
    createdAt: Moment,
    expiresAt: Moment.nullable().meta({ description: 'Until when a pending order waits for its payment.' }),
    paidAt: Moment.nullable(),
    canceledAt: Moment.nullable(),
  })
  .meta({ id: 'Order' });
export type Order = z.infer<typeof Order>;

/** Why a film stayed in the cart when the rest was ordered. */
export const ExclusionReason = z.enum(['not_for_sale', 'already_owned', 'in_pending_order', 'not_in_cart']);
export type ExclusionReason = z.infer<typeof ExclusionReason>;

export const Excluded = z.object({
  movieId: z.string().meta({ description: 'The id; as it was asked for, when it is not in the cart.' }),
  reason: ExclusionReason,
});
export type Excluded = z.infer<typeof Excluded>;

export const PlacedOrder = z.object({ order: Order, excluded: z.array(Excluded) });
export type PlacedOrder = z.infer<typeof PlacedOrder>;

export const OrderInput = z.strictObject({ orderId: Id });
export const OrderListInput = PageInput.extend({ status: OrderStatus.optional() });
export const OrderPage = pageOf(Order).meta({ id: 'OrderPage' });

export const Checkout = z.object({
  checkoutUrl: z.string().meta({ description: 'Send the buyer there.' }),
  expiresAt: Moment,
});
export type Checkout = z.infer<typeof Checkout>;

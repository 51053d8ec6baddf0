import { z } from 'zod';
import { Id, Money, Moment, MovieRef, PageInput, pageOf } from './common.ts';
import { Payment } from './payments.ts';
import { Refund } from './refunds.ts';

/** The states of an order: it waits for its payment, is paid, was given up before that, or was paid back. */
export const ORDER_STATUSES = ['pending', 'paid', 'canceled', 'refunded'] as const;
/** One of {@link ORDER_STATUSES}. */
export const OrderStatus = z.enum(ORDER_STATUSES);
export type OrderStatus = z.infer<typeof OrderStatus>;

/** What a buyer sends to order. `expectedTotal` is what he saw. */
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

/** A film in an order. Its title, year and price stay what they were; `slug` and `posterUrl` are today's. */
export const OrderItem = z
  .object({
    movieId: Id,
    slug: z.string(),
    name: z.string().meta({ description: 'As it was when ordered.' }),
    year: z.int(),
    price: Money.meta({ description: 'As it was when ordered.' }),
    discount: Money.meta({ description: "Its share of the order's discount." }),
    posterUrl: z.string().nullable(),
  })
  .meta({ id: 'OrderItem' });

/** An order as its buyer sees it. `number` is for people, `id` for programs. */
export const Order = z
  .object({
    id: Id,
    number: z.int(),
    status: OrderStatus,
    items: z.array(OrderItem),
    promo: z.string().nullable().meta({ description: 'The code of the promotion it was ordered with.' }),
    subtotal: Money.meta({ description: 'The prices, added up.' }),
    discount: Money.meta({ description: 'What the promotion took off.' }),
    total: Money.meta({ description: 'What is to be paid.' }),
    payment: Payment.nullable().meta({ description: 'What paid it; before that the latest attempt to.' }),
    refunds: z.array(Refund).meta({ description: 'What went back of what was paid for it, oldest first.' }),
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

/** A film that was not ordered with the rest, and why. */
export const Excluded = z
  .object({
    movieId: z.string().meta({ description: 'The id; as it was asked for, when it is not in the cart.' }),
    reason: ExclusionReason,
  })
  .meta({ id: 'ExcludedMovie' });
export type Excluded = z.infer<typeof Excluded>;

/** Answers an order: what was ordered, and what was left out. */
export const PlacedOrder = z.object({ order: Order, excluded: z.array(Excluded) }).meta({ id: 'PlacedOrder' });
export type PlacedOrder = z.infer<typeof PlacedOrder>;

/** Names one of the caller's orders. */
export const OrderInput = z.strictObject({ orderId: Id });
/** Asks for a page of the caller's orders, all of them or those in one state. */
export const OrderListInput = PageInput.extend({ status: OrderStatus.optional() });
/** A page of orders, newest first. */
export const OrderPage = pageOf(Order).meta({ id: 'OrderPage' });

/** Where to pay an order, and until when. An order worth nothing is paid already: its own page stands there. */
export const Checkout = z
  .object({
    checkoutUrl: z.string().meta({ description: 'Send the buyer there.' }),
    expiresAt: Moment,
  })
  .meta({ id: 'Checkout' });
export type Checkout = z.infer<typeof Checkout>;

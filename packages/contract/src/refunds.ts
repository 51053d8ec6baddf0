import { z } from 'zod';
import { Id, Money, Moment, MovieRef, PageInput, pageOf } from './common.ts';

/**
 * The states of a refund: it waits for the staff's decision, is on its way, has reached the buyer, could not be made, or
 * was declined.
 */
export const REFUND_STATUSES = ['requested', 'pending', 'succeeded', 'failed', 'rejected'] as const;
/** One of {@link REFUND_STATUSES}. */
export const RefundStatus = z.enum(REFUND_STATUSES);
export type RefundStatus = z.infer<typeof RefundStatus>;

/** Who begins refunds: the system gives back what bought nothing; a dispute is won by the buyer's bank. */
export const REFUND_ORIGINS = ['buyer', 'staff', 'system', 'dashboard', 'dispute'] as const;
/** One of {@link REFUND_ORIGINS}. */
export const RefundOrigin = z.enum(REFUND_ORIGINS);

/** Money that goes back to a buyer, and the films that go with it. */
export const Refund = z
  .object({
    id: Id,
    orderId: Id,
    paymentId: Id,
    status: RefundStatus,
    origin: RefundOrigin,
    amount: Money,
    movieIds: z.array(Id).meta({ description: 'The films that leave the library with it. None: money only.' }),
    reason: z.string().meta({ description: 'In the words of who asked for it.' }),
    note: z.string().nullable().meta({ description: 'In the words of who decided on it.' }),
    number: z.int().nullable().meta({ description: 'The number of its credit note, once it has succeeded.' }),
    createdAt: Moment,
    finishedAt: Moment.nullable().meta({ description: 'When it succeeded, failed or was rejected.' }),
  })
  .meta({ id: 'Refund' });
export type Refund = z.infer<typeof Refund>;

const Films = z
  .array(MovieRef)
  .min(1)
  .max(1_000)
  .optional()
  .meta({ description: 'Some films of the order; default: all that are not paid back yet.' });
const Words = z.string().trim().min(1).max(1_000);

/** Asks for the money of an order, or of some of its films. */
export const RequestRefund = z.strictObject({ orderId: Id, movieIds: Films, reason: Words });
export type RequestRefund = z.infer<typeof RequestRefund>;

/** Pays a payment back, or some of its films. */
export const RefundPayment = z.strictObject({ paymentId: Id, movieIds: Films, reason: Words });
export type RefundPayment = z.infer<typeof RefundPayment>;

/** Decides on a refund somebody asked for. The buyer reads the note. */
export const DecideRefund = z.strictObject({ refundId: Id, note: Words.optional() });
export type DecideRefund = z.infer<typeof DecideRefund>;

/** Asks for a page of refunds in one state: by default those that wait for a decision. */
export const RefundQueueInput = PageInput.extend({ status: RefundStatus.default('requested') });
export type RefundQueueInput = z.infer<typeof RefundQueueInput>;

/** A refund as the staff sees it. */
export const QueuedRefund = Refund.extend({
  orderNumber: z.int(),
  buyer: z.object({ userId: Id, email: z.string() }),
  films: z.array(z.object({ movieId: Id, name: z.string(), year: z.int(), isWatched: z.boolean() })),
  failureCode: z.string().nullable().meta({ description: "Why it failed, in the gateway's words." }),
}).meta({ id: 'QueuedRefund' });
export type QueuedRefund = z.infer<typeof QueuedRefund>;

/** A page of refunds, newest first. */
export const RefundPage = pageOf(QueuedRefund).meta({ id: 'RefundPage' });

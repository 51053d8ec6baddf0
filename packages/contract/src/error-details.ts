import { z } from 'zod';
import { Id, Money } from './common.ts';
import type { ErrorReason } from './errors.ts';
import { Excluded } from './orders.ts';
import { ActiveStream } from './playback.ts';
import { PromoRefusal } from './promos.ts';

/**
 * What a refusal says beside its reason, for the reasons that say more: members of the error body, which clients need to
 * go on. What is optional is there only where it applies.
 */
export const ERROR_DETAILS = {
  totp_required: z.object({
    challenge: z.string().meta({ description: 'Goes with the code, within five minutes.' }),
  }),
  invalid_code: z.object({
    challengeEnded: z
      .literal(true)
      .optional()
      .meta({ description: 'In a sign-in: no code is good any more; the password has to be entered again.' }),
  }),
  too_many_requests: z.object({
    retryAfterSeconds: z.int().optional().meta({ description: 'When to come again; `Retry-After` says it too.' }),
  }),
  movie_in_carts: z.object({ cartCount: z.int(), pendingOrderCount: z.int() }),
  promo_not_applicable: z.object({ why: PromoRefusal }),
  not_for_sale: z.object({
    excluded: z.array(Excluded).optional().meta({ description: 'The films of the order that can not be bought now.' }),
  }),
  nothing_to_order: z.object({ excluded: z.array(Excluded) }),
  price_changed: z.object({
    oldTotal: Money.meta({ description: 'What the buyer saw.' }),
    newTotal: Money.meta({ description: 'What it is now.' }),
    why: PromoRefusal.optional().meta({ description: 'Why the promotion no longer takes anything off.' }),
  }),
  total_not_payable: z.object({
    total: Money,
    why: z.string().meta({ description: 'A sentence for a person.' }),
  }),
  not_refundable: z.object({
    movieId: z.string().optional().meta({ description: 'The film that is not among those paid for.' }),
  }),
  refund_requested: z.object({ refundId: Id.meta({ description: 'The request that waits for a decision.' }) }),
  too_many_streams: z.object({
    maxStreams: z.int(),
    streams: z.array(ActiveStream).meta({ description: 'What the account plays just now, and may stop.' }),
  }),
} as const satisfies Partial<Record<ErrorReason, z.ZodObject>>;

import { z } from 'zod';
import { Id, Money, Moment, PageInput, pageOf } from './common.ts';

const MOST_IDS = 1_000;
const MOST_USES = 1_000_000_000;

/** A code as it is typed, in any case; kept in upper case. */
export const PromoCode = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9_-]{3,40}$/, '3 to 40 letters, digits, - and _.')
  .toUpperCase()
  .meta({ description: 'Case does not matter.', examples: ['AUTUMN-20'] });

/** Why a promotion that there is takes nothing off a cart. */
export const PromoRefusal = z.enum([
  'not_started',
  'ended',
  'used_up',
  'used_by_you',
  'below_minimum',
  'no_matching_film',
  'wrong_currency',
]);
export type PromoRefusal = z.infer<typeof PromoRefusal>;

// A moment that is sent: text over REST, a `Date` over RPC.
const SentMoment = z
  .union([z.iso.datetime({ offset: true }).transform((text) => new Date(text)), z.date()])
  // What is written with more digits is no date-time for those who read it.
  .refine((moment) => moment.getUTCFullYear() >= 0 && moment.getUTCFullYear() <= 9999, 'A year of four digits.')
  .meta({ type: 'string', format: 'date-time' });

const Uses = z.int().min(1).max(MOST_USES);
const Ids = z.array(Id).max(MOST_IDS);

const Terms = z.strictObject({
  percent: z.int().min(1).max(100).nullable().meta({ description: 'Takes off this part of the prices.' }),
  amount: Money.strict().nullable().meta({ description: 'Takes off this much; a cart worth less costs nothing.' }),
  startsAt: SentMoment.nullable(),
  endsAt: SentMoment.nullable(),
  maxUses: Uses.nullable().meta({ description: 'How many orders can have it.' }),
  perUser: Uses.nullable().meta({ description: 'How many orders of one user can have it.' }),
  minTotal: Money.strict().nullable().meta({ description: 'What the films must cost together, before the discount.' }),
  movieIds: Ids.meta({ description: 'Limits it to these films, and to those of `genreIds`. Both empty: all films.' }),
  genreIds: Ids.meta({ description: 'Limits it to films of these genres, and to those of `movieIds`.' }),
  isActive: z.boolean().meta({ description: 'While it is not, nobody can use it.' }),
});

/** A new promotion: a code, and either `percent` or `amount`. */
export const CreatePromo = Terms.partial()
  .extend({ code: PromoCode })
  .meta({ examples: [{ code: 'AUTUMN-20', percent: 20 }] });
export type CreatePromo = z.infer<typeof CreatePromo>;

/** What to change of a promotion. Its code stays: orders tell of it. To change from percent to amount, null the one. */
export const UpdatePromo = Terms.partial().extend({ promoId: Id });
export type UpdatePromo = z.infer<typeof UpdatePromo>;

/** Names a promotion. */
export const PromoInput = z.strictObject({ promoId: Id });

/** A promotion as the staff sees it. */
export const Promo = z
  .object({
    id: Id,
    code: z.string(),
    percent: z.int().nullable(),
    amount: Money.nullable(),
    startsAt: Moment.nullable(),
    endsAt: Moment.nullable(),
    maxUses: z.int().nullable(),
    perUser: z.int().nullable(),
    minTotal: Money.nullable(),
    movieIds: z.array(Id),
    genreIds: z.array(Id),
    isActive: z.boolean(),
    uses: z.int().meta({ description: 'The orders that have it; canceled ones do not count.' }),
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({ id: 'Promo' });
export type Promo = z.infer<typeof Promo>;

/** Asks for a page of promotions. */
export const PromoListInput = PageInput;
/** A page of promotions, newest first. */
export const PromoPage = pageOf(Promo).meta({ id: 'PromoPage' });

import { z } from 'zod';
import { Id, Money, Moment, MovieRef } from './common.ts';
import { Named } from './catalogue.ts';
import { PromoCode, PromoRefusal } from './promos.ts';

/** Names the film to put in the cart. */
export const AddToCart = z.strictObject({ movieId: MovieRef });
/** Names the film to take out of the cart. */
export const RemoveFromCart = z.strictObject({ movieId: MovieRef });

/** The code of a promotion for the cart. */
export const ApplyPromo = z.strictObject({ code: PromoCode });

/** A film in a cart. One that can no longer be bought stays, and is not `available`. */
export const CartItem = z
  .object({
    movie: z.object({
      id: Id,
      slug: z.string(),
      name: z.string(),
      year: z.int(),
      genres: z.array(Named),
      posterUrl: z.string().nullable(),
    }),
    price: Money.nullable().meta({ description: "Today's price; null: no longer for sale." }),
    addedAt: Moment,
    available: z.boolean().meta({ description: 'Can be ordered now.' }),
  })
  .meta({ id: 'CartItem' });

/** The promotion of a cart. One that no longer applies stays, and says why. */
export const CartPromo = z
  .object({
    code: z.string(),
    why: PromoRefusal.nullable().meta({ description: 'Why it takes nothing off at this moment; null: it does.' }),
  })
  .meta({ id: 'CartPromo' });

/** What a viewer is about to buy; the sums count what is available. */
export const Cart = z
  .object({
    items: z.array(CartItem),
    promo: CartPromo.nullable(),
    subtotal: Money.meta({ description: 'The prices, added up.' }),
    discount: Money.meta({ description: 'What the promotion takes off.' }),
    total: Money.meta({ description: 'What is to be paid.' }),
  })
  .meta({ id: 'Cart' });
export type Cart = z.infer<typeof Cart>;

import { z } from 'zod';
import { Id, Money, Moment, MovieRef } from './common.ts';
import { Named } from './catalogue.ts';

/** Names the film to put in the cart. */
export const AddToCart = z.strictObject({ movieId: MovieRef });
/** Names the film to take out of the cart. */
export const RemoveFromCart = z.strictObject({ movieId: MovieRef });

/** A film in a cart. One that can no longer be bought stays, and is not `available`. */
export const CartItem = z.object({
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
});

/** What a viewer is about to buy; `total` counts what is available. */
export const Cart = z.object({ items: z.array(CartItem), total: Money }).meta({ id: 'Cart' });
export type Cart = z.infer<typeof Cart>;

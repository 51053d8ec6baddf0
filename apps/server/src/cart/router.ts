import { AddToCart, ApplyPromo, Cart, RemoveFromCart } from '@online-cinema/contract/cart';
import { Nothing } from '@online-cinema/contract/common';
import { rest, router, userProcedure } from '../trpc.ts';
import { addToCart, applyPromo, clearCart, getCart, removeFromCart, removePromo } from './service.ts';

/** `cart`: what the caller is about to buy. */
export const cartRouter = router({
  get: userProcedure
    .meta(rest('GET', '/cart', 'Your cart'))
    .output(Cart)
    .query(({ ctx }) => getCart(ctx.deps, ctx.caller.userId)),

  add: userProcedure
    .meta(rest('POST', '/cart/items', 'Put a film in the cart', { status: 201 }))
    .input(AddToCart)
    .output(Cart)
    .mutation(({ ctx, input }) => addToCart(ctx.deps, ctx.caller.userId, input.movieId)),

  remove: userProcedure
    .meta(rest('DELETE', '/cart/items/{movieId}', 'Take a film out of the cart', { status: 204 }))
    .input(RemoveFromCart)
    .output(Nothing)
    .mutation(({ ctx, input }) => removeFromCart(ctx.deps, ctx.caller.userId, input.movieId)),

  clear: userProcedure
    .meta(rest('DELETE', '/cart', 'Empty the cart', { status: 204 }))
    .output(Nothing)
    .mutation(({ ctx }) => clearCart(ctx.deps, ctx.caller.userId)),

  applyPromo: userProcedure
    .meta(rest('PUT', '/cart/promo', 'Use a promotion'))
    .input(ApplyPromo)
    .output(Cart)
    .mutation(({ ctx, input }) => applyPromo(ctx.deps, ctx.caller.userId, input.code)),

  removePromo: userProcedure
    .meta(rest('DELETE', '/cart/promo', 'Do without the promotion'))
    .output(Cart)
    .mutation(({ ctx }) => removePromo(ctx.deps, ctx.caller.userId)),
});

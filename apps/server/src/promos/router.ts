import { Nothing } from '@online-cinema/contract/common';
import { CreatePromo, Promo, PromoInput, PromoListInput, PromoPage, UpdatePromo } from '@online-cinema/contract/promos';
import { actorOf } from '../audit.ts';
import { adminProcedure, rest, router } from '../trpc.ts';
import { changePromo, createPromo, listPromos, removePromo } from './service.ts';

/** `promos`: the codes that make a cart cheaper. */
export const promosRouter = router({
  list: adminProcedure
    .meta(rest('GET', '/promos', 'The promotions, newest first', { noStore: true }))
    .input(PromoListInput)
    .output(PromoPage)
    .query(({ ctx, input }) => listPromos(ctx.deps, input)),

  create: adminProcedure
    .meta(rest('POST', '/promos', 'Make a promotion', { status: 201 }))
    .input(CreatePromo)
    .output(Promo)
    .mutation(({ ctx, input }) => createPromo(ctx.deps, actorOf(ctx), input)),

  update: adminProcedure
    .meta(rest('PATCH', '/promos/{promoId}', 'Change a promotion'))
    .input(UpdatePromo)
    .output(Promo)
    .mutation(({ ctx, input }) => changePromo(ctx.deps, actorOf(ctx), input)),

  delete: adminProcedure
    .meta(rest('DELETE', '/promos/{promoId}', 'Delete a promotion that no order has', { status: 204 }))
    .input(PromoInput)
    .output(Nothing)
    .mutation(({ ctx, input }) => removePromo(ctx.deps, actorOf(ctx), input.promoId)),
});

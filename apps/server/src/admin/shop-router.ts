import {
  AdminOrderExport,
  AdminOrderListInput,
  AdminOrderPage,
  AdminPaymentExport,
  AdminPaymentListInput,
  AdminPaymentPage,
  GrantMovie,
} from '@online-cinema/contract/admin-shop';
import { UserInput } from '@online-cinema/contract/admin';
import { SALES_GUIDE, SalesExport, SalesInput, SalesReport } from '@online-cinema/contract/analytics';
import { Cart } from '@online-cinema/contract/cart';
import { Nothing } from '@online-cinema/contract/common';
import { TextStream } from '@online-cinema/contract/imports';
import { actorOf } from '../audit.ts';
import { adminProcedure, moderatorProcedure, rest, router } from '../trpc.ts';
import { exportSales, reportSales } from './analytics-sales.ts';
import { getUserCart } from './cart-view.ts';
import { grantMovie, revokeMovie } from './library-grants.ts';
import { exportOrders, listOrders } from './order-list.ts';
import { exportPayments, listPayments } from './payment-list.ts';
import { CSV_TYPE } from './table-file.ts';

/** `admin.orders`: what everybody ordered. */
export const adminOrdersRouter = router({
  list: moderatorProcedure
    .meta(
      rest('GET', '/admin/orders', "Everybody's orders, newest first", {
        noStore: true,
        exportedBy: 'admin.orders.export',
      }),
    )
    .input(AdminOrderListInput)
    .output(AdminOrderPage)
    .query(({ ctx, input }) => listOrders(ctx.deps, input)),

  export: moderatorProcedure
    .meta(
      rest('GET', '/admin/orders/export', "Everybody's orders as a file, newest first", {
        noStore: true,
        file: { name: 'orders', contentTypes: CSV_TYPE },
      }),
    )
    .input(AdminOrderExport)
    .output(TextStream)
    .query(({ ctx, input }) => exportOrders(ctx.deps, input)),
});

/** What `admin.payments` lists: everybody's attempts to pay. */
export const adminPaymentListRouter = router({
  list: moderatorProcedure
    .meta(
      rest('GET', '/admin/payments', "Everybody's payments, newest first", {
        noStore: true,
        exportedBy: 'admin.payments.export',
      }),
    )
    .input(AdminPaymentListInput)
    .output(AdminPaymentPage)
    .query(({ ctx, input }) => listPayments(ctx.deps, input)),

  export: moderatorProcedure
    .meta(
      rest('GET', '/admin/payments/export', "Everybody's payments as a file, newest first", {
        noStore: true,
        file: { name: 'payments', contentTypes: CSV_TYPE },
      }),
    )
    .input(AdminPaymentExport)
    .output(TextStream)
    .query(({ ctx, input }) => exportPayments(ctx.deps, input)),
});

/** `admin.carts`: what somebody is about to buy. */
export const adminCartsRouter = router({
  get: adminProcedure
    .meta(rest('GET', '/admin/users/{userId}/cart', 'The cart of a user', { noStore: true }))
    .input(UserInput)
    .output(Cart)
    .query(({ ctx, input }) => getUserCart(ctx.deps, input.userId)),
});

/** The part of `admin.users` about films that are given, and taken back. */
export const libraryProcedures = {
  grantMovie: adminProcedure
    .meta(
      rest('PUT', '/admin/users/{userId}/library/{movieId}', 'Give a user a film', {
        status: 204,
        description: 'It leaves his cart. What he owns already stays as it is.',
      }),
    )
    .input(GrantMovie)
    .output(Nothing)
    .mutation(({ ctx, input }) => grantMovie(ctx.deps, actorOf(ctx), input)),

  revokeMovie: adminProcedure
    .meta(
      rest('DELETE', '/admin/users/{userId}/library/{movieId}', 'Take a film back that was given', {
        status: 204,
        description: 'Who watches it is cut off. A film that was bought is paid back instead.',
      }),
    )
    .input(GrantMovie)
    .output(Nothing)
    .mutation(({ ctx, input }) => revokeMovie(ctx.deps, actorOf(ctx), input)),
};

/** `admin.analytics`: how the shop does. */
export const adminAnalyticsRouter = router({
  sales: moderatorProcedure
    .meta(
      rest('GET', '/admin/analytics/sales', 'What was sold, by day, film or genre', {
        noStore: true,
        exportedBy: 'admin.analytics.exportSales',
        description: SALES_GUIDE,
      }),
    )
    .input(SalesInput)
    .output(SalesReport)
    .query(({ ctx: { deps }, input }) => deps.replica.read((db) => reportSales({ ...deps, db }, input))),

  exportSales: moderatorProcedure
    .meta(
      rest('GET', '/admin/analytics/sales/export', 'What was sold, as a file', {
        noStore: true,
        file: { name: 'sales', contentTypes: CSV_TYPE },
        description: SALES_GUIDE,
      }),
    )
    .input(SalesExport)
    .output(TextStream)
    .query(({ ctx: { deps }, input }) => deps.replica.read((db) => exportSales({ ...deps, db }, input))),
});

import {
  AdminUser,
  AdminUserDetails,
  AdminUserPage,
  AuditListInput,
  AuditPage,
  ChangeRole,
  CreateUser,
  ResetTotp,
  UserInput,
  UserListInput,
} from '@online-cinema/contract/admin';
import { actorOf } from '../audit.ts';
import { adminProcedure, mergeRouters, rest, router } from '../trpc.ts';
import { listAudit } from './audit-log.ts';
import { jobsRouter } from './job-router.ts';
import { createUser } from './new-accounts.ts';
import { adminPaymentsRouter } from './payment-router.ts';
import {
  adminAnalyticsRouter,
  adminCartsRouter,
  adminOrdersRouter,
  adminPaymentListRouter,
  libraryProcedures,
} from './shop-router.ts';
import { activateUser, changeRole, deactivateUser, getUser, listUsers, resetTotp } from './service.ts';

export const adminRouter = router({
  jobs: jobsRouter,
  orders: adminOrdersRouter,
  payments: mergeRouters(adminPaymentListRouter, adminPaymentsRouter),
  carts: adminCartsRouter,
  analytics: adminAnalyticsRouter,

  users: router({
    ...libraryProcedures,

    list: adminProcedure
      .meta(rest('GET', '/admin/users', 'The users, newest first', { noStore: true }))
      .input(UserListInput)
      .output(AdminUserPage)
      .query(({ ctx, input }) => listUsers(ctx.deps, input)),

    get: adminProcedure
      .meta(rest('GET', '/admin/users/{userId}', 'A user with sessions and purchases', { noStore: true }))
      .input(UserInput)
      .output(AdminUserDetails)
      .query(({ ctx, input }) => getUser(ctx.deps, input.userId)),

    create: adminProcedure
      .meta(rest('POST', '/admin/users', 'Give somebody an account', { status: 201 }))
      .input(CreateUser)
      .output(AdminUser)
      .mutation(({ ctx, input }) => createUser(ctx.deps, actorOf(ctx), input)),

    activate: adminProcedure
      .meta(rest('POST', '/admin/users/{userId}/activate', 'Open an account'))
      .input(UserInput)
      .output(AdminUser)
      .mutation(({ ctx, input }) => activateUser(ctx.deps, actorOf(ctx), input.userId)),

    deactivate: adminProcedure
      .meta(
        rest(
          'POST',
          '/admin/users/{userId}/deactivate',
          'Close an account and end its sessions, or take an invitation back',
        ),
      )
      .input(UserInput)
      .output(AdminUser)
      .mutation(({ ctx, input }) => deactivateUser(ctx.deps, actorOf(ctx), input.userId)),

    changeRole: adminProcedure
      .meta(rest('POST', '/admin/users/{userId}/change-role', 'Give a user another role'))
      .input(ChangeRole)
      .output(AdminUser)
      .mutation(({ ctx, input }) => changeRole(ctx.deps, actorOf(ctx), input)),

    resetTotp: adminProcedure
      .meta(rest('POST', '/admin/users/{userId}/reset-totp', 'Switch off the two-factor login of who lost it'))
      .input(ResetTotp)
      .output(AdminUser)
      .mutation(({ ctx, input }) => resetTotp(ctx.deps, actorOf(ctx), input)),
  }),

  audit: router({
    list: adminProcedure
      .meta(rest('GET', '/admin/audit', 'What the staff did, newest first', { noStore: true }))
      .input(AuditListInput)
      .output(AuditPage)
      .query(({ ctx, input }) => listAudit(ctx.deps, input)),
  }),
});

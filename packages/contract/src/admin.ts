import { z } from 'zod';
import { Email, Session } from './accounts.ts';
import { Id, Money, Moment, PageInput, pageOf } from './common.ts';
import { Role } from './roles.ts';

/** A user as the administration lists him. */
export const AdminUser = z
  .object({
    id: Id,
    email: z.string(),
    role: Role,
    isActive: z.boolean(),
    activatedAt: Moment.nullable().meta({ description: 'Null while the account is pending: its address is unproven.' }),
    closedAt: Moment.nullable().meta({
      description: 'When the staff closed the account, or took its invitation back.',
    }),
    createdAt: Moment,
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
  })
  .meta({ id: 'AdminUser' });
export type AdminUser = z.infer<typeof AdminUser>;

export const UserListInput = PageInput.extend({
  query: z.string().trim().min(1).max(200).optional().meta({ description: 'Any part of the address or the name.' }),
  role: Role.optional(),
  isActive: z.boolean().optional(),
});
export type UserListInput = z.infer<typeof UserListInput>;

export const AdminUserPage = pageOf(AdminUser).meta({ id: 'AdminUserPage' });

export const UserInput = z.strictObject({ userId: Id });

/** A user with all that the administration looks up about him. */
export const AdminUserDetails = AdminUser.extend({
  sessions: z
    .array(Session.omit({ current: true }))
    .meta({ description: 'The devices that are signed in, the last used first, at most 100.' }),
  purchases: z
    .array(
      z.object({
        movieId: Id,
        slug: z.string(),
        name: z.string().meta({ description: 'As it was when bought.' }),
        year: z.int(),
        price: Money.meta({ description: 'As it was when bought.' }),
        orderId: Id,
        orderNumber: z.int(),
        boughtAt: Moment,
      }),
    )
    .meta({ description: 'The films of paid orders that were not paid back, newest first, at most 100.' }),
  purchaseCount: z.int(),
  spend: z.array(Money).meta({ description: 'What was paid, less what went back, by currency.' }),
}).meta({ id: 'AdminUserDetails' });
export type AdminUserDetails = z.infer<typeof AdminUserDetails>;

export const ChangeRole = z.strictObject({ userId: Id, role: Role });

export const CreateUser = z.strictObject({ email: Email, role: Role });
export type CreateUser = z.infer<typeof CreateUser>;

export const ResetTotp = z.strictObject({
  userId: Id,
  reason: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'For the audit log, which is never erased: no names or addresses.' }),
});
export type ResetTotp = z.infer<typeof ResetTotp>;

/** One act of the staff. */
export const AuditEntry = z
  .object({
    id: Id,
    at: Moment,
    actor: z
      .object({
        id: Id,
        role: Role.meta({ description: 'As it was at that moment.' }),
        email: z.string().nullable().meta({ description: 'Null when the account is gone.' }),
      })
      .nullable()
      .meta({ description: 'Null for the command line and the setup of the first admin.' }),
    action: z.string().meta({ examples: ['users.changeRole'] }),
    target: z.object({ kind: z.string().meta({ examples: ['user'] }), id: Id }),
    ip: z.string().nullable(),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditListInput = PageInput.extend({
  actorId: Id.optional(),
  targetId: Id.optional(),
  action: z.string().min(1).max(100).optional(),
});
export type AuditListInput = z.infer<typeof AuditListInput>;

export const AuditPage = pageOf(AuditEntry).meta({ id: 'AuditPage' });

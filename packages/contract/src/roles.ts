import { z } from 'zod';

/** What a user may do, from least to most: each role may do all that the ones before it may. */
export const ROLES = ['user', 'moderator', 'admin'] as const;

/** One of {@link ROLES}. */
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

/** Tells whether a role reaches another: `hasRole('admin', 'moderator')` is true. */
export function hasRole(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

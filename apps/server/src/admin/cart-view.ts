import type { Cart } from '@online-cinema/contract/cart';
import { getCart } from '../cart/service.ts';
import type { Deps } from '../deps.ts';
import { AppError } from '../lib/errors.ts';
import { selectUser } from './queries.ts';

/** The cart of a user, at today's prices. @throws AppError `not_found`. */
export async function getUserCart(deps: Pick<Deps, 'db' | 'config' | 'clock'>, userId: string): Promise<Cart> {
  if (!(await selectUser(deps.db, userId))) throw new AppError('not_found');
  return await getCart(deps, userId);
}

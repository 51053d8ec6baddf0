import type { Context } from '../context.ts';
import type { Deps } from '../deps.ts';

/**
 * Does a read of the catalogue, for who sends no token on the replica, which may be a moment behind. Who says who he is
 * sees at once what he changed.
 */
export async function readCatalogue<Result>(
  { deps, authorization }: Pick<Context, 'deps' | 'authorization'>,
  read: (deps: Pick<Deps, 'db' | 'config'>) => Promise<Result>,
): Promise<Result> {
  const { db, config, replica } = deps;
  if (authorization !== undefined) return await read({ db, config });
  return await replica.read(async (late) => await read({ db: late, config }));
}

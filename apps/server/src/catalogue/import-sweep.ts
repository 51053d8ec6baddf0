import type { Deps } from '../deps.ts';
import { addSeconds } from '../lib/clock.ts';
import { sweepOrphans } from '../lib/orphans.ts';
import { selectStaleImports } from './import-queries.ts';
import { giveUp, IMPORT_FOLDER } from './import-run.ts';

/** Longer than any import takes. */
const STALE_SECONDS = 86_400;

/**
 * Gives up the imports that began more than a day ago and have not ended: whatever worked on them was killed too often.
 * Removes the files that are as old: nobody works on them.
 *
 * @returns how many files there were.
 */
export async function sweepImports(
  deps: Pick<Deps, 'db' | 'storage' | 'queue' | 'clock'>,
  signal: AbortSignal,
): Promise<number> {
  const stale = await selectStaleImports(deps.db, addSeconds(deps.clock.now(), -STALE_SECONDS));
  for (const each of stale) await giveUp(deps, each);
  return await sweepOrphans(deps, { folder: IMPORT_FOLDER, selectNamed: async () => new Set() }, signal);
}

import type { Clock } from './clock.ts';
import type { Storage } from './storage.ts';

const ORPHAN_AGE_MS = 86_400_000;
const BATCH_SIZE = 500;

/**
 * Removes the objects of a folder that no row names, when they are older than a day: a younger one may belong to a call
 * under way.
 *
 * @returns how many there were.
 */
export async function sweepOrphans(
  { storage, clock }: { storage: Storage; clock: Clock },
  { folder, selectNamed }: { folder: string; selectNamed: (keys: string[]) => Promise<Set<string>> },
  signal: AbortSignal,
): Promise<number> {
  const bornBefore = new Date(clock.now().getTime() - ORPHAN_AGE_MS);
  let removed = 0;
  let batch: string[] = [];
  const sweep = async () => {
    if (batch.length === 0) return;
    const named = await selectNamed(batch);
    for (const key of batch) {
      if (named.has(key)) continue;
      await storage.remove(key);
      removed += 1;
    }
    batch = [];
  };
  for await (const { key, modifiedAt } of storage.list(folder)) {
    if (signal.aborted) return removed;
    if (modifiedAt < bornBefore) batch.push(key);
    if (batch.length >= BATCH_SIZE) await sweep();
  }
  await sweep();
  return removed;
}

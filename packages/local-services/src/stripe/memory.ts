import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { IdempotencyKeys, KeptCall } from './idempotency.ts';
import type { Store, World } from './store.ts';

/** The file a simulator remembers by. */
export interface Memory {
  /** Writes the file in a moment, once for many changes. */
  saveSoon(): void;
  save(): Promise<void>;
}

const PAUSE_MS = 200;

/** Brings back what a file holds, and keeps it up to date from then on. Without a file nothing is kept. */
export async function openMemory(
  file: string | undefined,
  { world, keys }: { world: World; keys: IdempotencyKeys },
): Promise<Memory> {
  if (file === undefined) return { saveSoon() {}, async save() {} };
  const path = file;
  const kept = await readFile(path, 'utf8').catch(() => null);
  if (kept !== null) restore(JSON.parse(kept) as Kept, world.store, keys);

  let timer: NodeJS.Timeout | undefined;
  let last = Promise.resolve();
  async function write(): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    // Whole or not at all: a simulator that is killed leaves what was there before.
    await writeFile(`${path}.new`, JSON.stringify(keep(world.store, keys)));
    await rename(`${path}.new`, path);
  }
  async function save(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    last = last.then(write, write);
    await last;
  }
  return {
    saveSoon() {
      timer ??= setTimeout(() => void save().catch(() => {}), PAUSE_MS).unref();
    },
    save,
  };
}

type Kept = { parts: Record<string, [string, unknown][]>; ledger: Store['ledger']; keys: KeptCall[] };

function keep({ ledger, ...maps }: Store, keys: IdempotencyKeys): Kept {
  const parts = Object.fromEntries(Object.entries(maps).map(([name, map]) => [name, [...map.entries()]]));
  return { parts, ledger, keys: keys.entries() };
}

function restore({ parts, ledger, keys: calls }: Kept, store: Store, keys: IdempotencyKeys): void {
  const { ledger: entries, ...maps } = store;
  for (const [name, map] of Object.entries(maps) as [string, Map<string, unknown>][]) {
    for (const [id, item] of parts[name] ?? []) map.set(id, item);
  }
  entries.push(...ledger);
  keys.restore(calls);
}

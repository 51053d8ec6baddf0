import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { IdempotencyKeys, KeptCall } from './idempotency.ts';
import type { Store, World } from './store.ts';

/** The file a simulator remembers by. */
export interface Memory {
  /** Writes what has changed so far, with what changes until an earlier write has ended. */
  save(): Promise<void>;
  /** Does something that must not be known before what caused it is kept; at once where nothing is kept. */
  afterSave(act: () => void): void;
}

/** Brings back what a file holds, and keeps it up to date from then on. Without a file nothing is kept. */
export async function openMemory(
  file: string | undefined,
  { world, keys }: { world: World; keys: IdempotencyKeys },
): Promise<Memory> {
  if (file === undefined) return { async save() {}, afterSave: (act) => act() };
  const path = file;
  const kept = await readFile(path, 'utf8').catch(() => null);
  if (kept !== null) restore(JSON.parse(kept) as Kept, world.store, keys);

  let writing = Promise.resolve();
  let next: Promise<void> | undefined;
  async function write(): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    // Whole or not at all: a simulator that is killed leaves what was there before.
    await writeFile(`${path}.new`, JSON.stringify(keep(world.store, keys)));
    await rename(`${path}.new`, path);
  }
  async function begin(): Promise<void> {
    next = undefined;
    writing = write();
    await writing;
  }
  async function save(): Promise<void> {
    next ??= writing.then(begin, begin);
    await next;
  }
  return { save, afterSave: (act) => void save().then(act, act) };
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

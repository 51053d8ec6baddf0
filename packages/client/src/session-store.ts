import type { SessionStorage } from './storage.ts';

/** A session as it is kept. Moments are milliseconds since the epoch, by the clock of this device. */
export type StoredSession = {
  /** Made at sign-in and kept by every renewal, so that one sign-in can be told from the next. */
  readonly id: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly renewAt: number;
  readonly expiresAt: number;
};

/** The session in memory, which counts, and its copy in the storage, which other tabs may change. */
export type SessionStore = {
  /** Resolves when the storage was read for the first time. */
  readonly ready: Promise<void>;
  /** The same object until the session changes. */
  current(): StoredSession | null;
  /** Takes over a session at once, and resolves when the storage has it or has failed to keep it. */
  save(session: StoredSession | null): Promise<void>;
  /** Takes over what somebody else has left in the storage. */
  reload(): Promise<void>;
  /** Calls the listener after every sign-in and sign-out, not after renewals. Returns how to stop that. */
  onChange(listener: () => void): () => void;
  /** Listens no more and calls no more listeners. */
  close(): void;
};

export function openSessionStore(storage: SessionStorage): SessionStore {
  let current: StoredSession | null = null;
  let changes = 0;
  // After a failed write memory knows better than the storage.
  let isCurrentStored = true;
  let written: Promise<void> = Promise.resolve();
  const listeners = new Set<() => void>();

  const ready = load();
  const stop = subscribe();
  return { ready, current: () => current, save, reload, onChange, close };

  function set(session: StoredSession | null): void {
    const isOther = session?.id !== current?.id;
    current = session;
    changes++;
    if (isOther) for (const listener of listeners) listener();
  }

  function subscribe(): (() => void) | void {
    try {
      return storage.subscribe?.(() => void reload());
    } catch {
      // Other tabs are not heard of.
    }
  }

  async function save(session: StoredSession | null): Promise<void> {
    set(session);
    const text = session && JSON.stringify(session);
    // One after the other: a slow storage must not end with the first of two.
    written = written.then(async () => {
      try {
        await storage.write(text);
        isCurrentStored = true;
      } catch {
        isCurrentStored = false;
      }
    });
    await written;
  }

  async function reload(): Promise<void> {
    await written;
    await load();
  }

  // Reads a storage that answers at once without waiting: a page knows its session when it is first drawn.
  async function load(): Promise<void> {
    const before = changes;
    try {
      const answer = storage.read();
      const text = typeof answer === 'string' || answer === null ? answer : await answer;
      if (changes === before && isCurrentStored) adopt(parse(text));
    } catch {
      // The storage can't be read: what is in memory counts.
    }
  }

  function adopt(stored: StoredSession | null): void {
    const isSame = stored?.id === current?.id && stored?.refreshToken === current?.refreshToken;
    if (!isSame) set(stored);
  }

  function onChange(listener: () => void): () => void {
    // Wrapped, so that the same function may listen twice and stop once, and that no sign-in fails with what it throws.
    const call = () => {
      try {
        listener();
      } catch (error) {
        console.error(error);
      }
    };
    listeners.add(call);
    return () => void listeners.delete(call);
  }

  function close(): void {
    stop?.();
    listeners.clear();
  }
}

/** Reads a stored text; null when it is none of ours. */
function parse(text: string | null): StoredSession | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  return isStoredSession(value) ? value : null;
}

function isStoredSession(value: unknown): value is StoredSession {
  if (typeof value !== 'object' || value === null) return false;
  const { id, accessToken, refreshToken, renewAt, expiresAt }: { [Key in keyof StoredSession]?: unknown } = value;
  const texts = [id, accessToken, refreshToken];
  return texts.every((text) => typeof text === 'string') && [renewAt, expiresAt].every((at) => typeof at === 'number');
}

/**
 * Where a client keeps its session: one text, which is a secret. Its methods may answer at once or later, and may throw:
 * the client then goes on with what it has in memory.
 *
 * @example
 * const storage: SessionStorage = {
 *   read: () => SecureStore.getItemAsync('session'),
 *   write: (text) => (text === null ? SecureStore.deleteItemAsync('session') : SecureStore.setItemAsync('session', text)),
 * };
 */
export type SessionStorage = {
  /** Gives the text that was written last; null when there is none. */
  read(): string | null | Promise<string | null>;
  /** Keeps a text; null forgets it. */
  write(text: string | null): void | Promise<void>;
  /** Calls the listener whenever somebody else, such as another tab, has written. May return how to stop that. */
  subscribe?(listener: () => void): void | (() => void);
};

/** Keeps the session as long as the process or the page lives: the default outside of browsers. */
export function memoryStorage(): SessionStorage {
  let kept: string | null = null;
  return {
    read: () => kept,
    write(text) {
      kept = text;
    },
  };
}

/**
 * Keeps the session in `localStorage`, where all tabs of the site share it: the default in browsers.
 *
 * @param key Its name there. Default: `online-cinema.session`.
 */
export function webStorage(key = 'online-cinema.session'): SessionStorage {
  // The property itself throws where the user has forbidden storage: so it is read when it is needed.
  const browser: Browser = globalThis;
  return {
    read: () => browser.localStorage?.getItem(key) ?? null,
    write(text) {
      if (text === null) browser.localStorage?.removeItem(key);
      else browser.localStorage?.setItem(key, text);
    },
    subscribe(listener) {
      const hear = (event: { key: string | null }) => {
        // No key: the whole storage was cleared.
        if (event.key === key || event.key === null) listener();
      };
      browser.addEventListener?.('storage', hear);
      return () => browser.removeEventListener?.('storage', hear);
    },
  };
}

/** `webStorage` in a browser, `memoryStorage` elsewhere. */
export function defaultStorage(): SessionStorage {
  return 'document' in globalThis ? webStorage() : memoryStorage();
}

/** What is needed of a browser, so that the source compiles where there is no DOM too. */
type Browser = {
  localStorage?: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
    removeItem(key: string): void;
  };
  addEventListener?(type: 'storage', listener: (event: { key: string | null }) => void): void;
  removeEventListener?(type: 'storage', listener: (event: { key: string | null }) => void): void;
};

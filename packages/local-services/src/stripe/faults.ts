import { countDown } from './webhooks.ts';

/** How the API under `/v1` misbehaves. `null` switches one thing off. */
export interface FaultSettings {
  /** How long each call waits before anything happens, in milliseconds. Changing it lets the waiting ones go on. */
  latencyMs: number | null;
  /** Answers every call with this status and does nothing. */
  status: number | null;
  /**
   * With `status`: the answer is kept under the call's idempotency key and given again, as Stripe does when its work had
   * begun before it failed.
   */
  keepStatus: boolean | null;
  /** Cuts the connection and does nothing: every call, or the next so many. */
  dropConnection: boolean | number | null;
  /** Does the work, then cuts the connection instead of answering: every call, or the next so many. */
  dropResponse: boolean | number | null;
  /** Only calls that begin so suffer: `POST /v1/refunds`. */
  match: string | null;
}

/** The faults in force, asked by the API at each step of a call. */
export interface Faults {
  configure(changes: Partial<FaultSettings>): FaultSettings;
  reset(): void;
  /** Waits out the latency; `false` when the simulator was reset meanwhile, so that the call belongs to nothing. */
  delay(call: string): Promise<boolean>;
  /** The status to answer instead of working. */
  status(call: string): number | null;
  /** Whether that answer is kept under the call's key. */
  keepsStatus(): boolean;
  cutsConnection(call: string): boolean;
  cutsAnswer(call: string): boolean;
}

const NONE: FaultSettings = {
  latencyMs: null,
  status: null,
  keepStatus: null,
  dropConnection: null,
  dropResponse: null,
  match: null,
};

/** Makes the faults, none in force. Calls are named `METHOD /path`. */
export function createFaults(): Faults {
  const settings = { ...NONE };
  const waiting = new Set<(goOn: boolean) => void>();
  const concerns = (call: string) => settings.match === null || call.startsWith(settings.match);
  const release = (goOn: boolean) => {
    for (const resolve of waiting) resolve(goOn);
    waiting.clear();
  };

  function strikes(fault: 'dropConnection' | 'dropResponse', call: string): boolean {
    const left = settings[fault];
    if (!left || !concerns(call)) return false;
    settings[fault] = countDown(left);
    return true;
  }

  return {
    configure(changes) {
      Object.assign(settings, changes);
      if ('latencyMs' in changes) release(true);
      return settings;
    },
    reset() {
      Object.assign(settings, NONE);
      release(false);
    },
    delay(call) {
      const { latencyMs } = settings;
      if (!latencyMs || !concerns(call)) return Promise.resolve(true);
      return new Promise((resolve) => {
        const timer = setTimeout(() => finish(true), latencyMs);
        function finish(goOn: boolean): void {
          clearTimeout(timer);
          waiting.delete(finish);
          resolve(goOn);
        }
        waiting.add(finish);
      });
    },
    status: (call) => (concerns(call) ? settings.status : null),
    keepsStatus: () => settings.keepStatus === true,
    cutsConnection: (call) => strikes('dropConnection', call),
    cutsAnswer: (call) => strikes('dropResponse', call),
  };
}

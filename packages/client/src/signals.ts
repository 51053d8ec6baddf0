/**
 * A controller that aborts when one of the signals does, until it is released: `AbortSignal.any` is missing in React
 * Native, and what it returns would be held as long as the longest-lived of the signals.
 */
export function joinSignals(signals: readonly (AbortSignal | null | undefined)[]) {
  const controller = new AbortController();
  const stops = signals.map((signal) => onAbort(signal, () => controller.abort(signal?.reason)));
  return { controller, release: () => stops.forEach((stop) => stop()) };
}

/** Calls back once the signal aborts, at once when it has. Returns how to stop that. */
export function onAbort(signal: AbortSignal | null | undefined, callback: () => void): () => void {
  if (signal?.aborted) callback();
  else signal?.addEventListener('abort', callback);
  return () => signal?.removeEventListener('abort', callback);
}

/** What whoever waits is told when a signal has aborted. */
export function abortError(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('The call was aborted.');
}

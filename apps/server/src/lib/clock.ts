/** Where rules take the time from, so that a test can move it. */
export type Clock = { now(): Date };

/** The real time: what every process but a test's runs on. */
export const systemClock: Clock = { now: () => new Date() };

export function addSeconds(moment: Date, seconds: number): Date {
  return new Date(moment.getTime() + seconds * 1000);
}

/** Whole seconds since 1970, as tokens count them. */
export function toEpochSeconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}

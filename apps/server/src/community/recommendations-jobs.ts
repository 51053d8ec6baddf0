import { z } from 'zod';
import { defineJob } from '../job.ts';
import { createGate } from '../lib/gate.ts';
import { recommendAnew, recommendToActive } from './recommendations-making.ts';
import { replaceTrending } from './recommendations-trending.ts';

/** Finds the films that trend. */
export const trendingJob = defineJob({
  name: 'recommendations.trending',
  data: z.strictObject({}),
  everySeconds: () => 3_600,
  deadlineSeconds: 120,
  run: ({ db, clock }) => replaceTrending(db, clock.now()),
});

/** Recommends films to everybody who has done something since that was last done, and to active viewers once a day. */
export const recommendToActiveJob = defineJob({
  name: 'recommendations.for-me',
  data: z.strictObject({}),
  everySeconds: () => 3_600,
  deadlineSeconds: 3_000,
  run: (deps, _data, signal) => recommendToActive(deps, signal),
});

// A worker begins fifty jobs of a kind at once: they would hold every connection of this process.
const viewerGate = createGate({ parallel: 2, waiting: 500 });

/** Recommends films to somebody who has just done something. */
export const recommendJob = defineJob({
  name: 'recommendations.for-viewer',
  data: z.object({ userId: z.uuid() }),
  run: ({ db }, { userId }) => viewerGate(() => recommendAnew(db, userId)),
});

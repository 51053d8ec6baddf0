import { z } from 'zod';
import { defineJob, type Job } from '../job.ts';
import { runImport } from './import-run.ts';
import { sweepImports } from './import-sweep.ts';

/** Works on an import for some minutes, and enqueues itself again for what is left. */
export const importJob: Job<{ importId: string }> = defineJob({
  name: 'catalogue.import',
  data: z.object({ importId: z.uuid() }),
  deadlineSeconds: 900,
  async run(deps, { importId }, signal) {
    await runImport(deps, importId, {
      signal,
      handOn: async (trx) => {
        await deps.queue.enqueue(trx, importJob, { importId });
      },
    });
  },
});

/** Ends the imports that do not get on, and removes the files nobody works on. */
export const importSweepJob = defineJob({
  name: 'catalogue.sweep-imports',
  data: z.strictObject({}),
  everySeconds: () => 86_400,
  deadlineSeconds: 600,
  async run(deps, _data, signal) {
    const removed = await sweepImports(deps, signal);
    deps.metrics.countDeleted('orphaned_imports', removed);
    if (removed > 0) deps.log.info({ removed }, 'imports swept');
  },
});

import { NOTIFICATION_KINDS } from '@online-cinema/contract/notifications';
import { z } from 'zod';
import { defineJob } from '../job.ts';
import { sweepOrphans } from '../lib/orphans.ts';
import { noticeLetter } from './mail.ts';
import { selectUnmailedNotices, setNoticeMailed } from './moderation-queries.ts';
import { POSTER_FOLDER, selectNamedPosters } from './posters-queries.ts';
import { refreshPersonBatch } from './related-queries.ts';

/** Sends what some users were told in the app by mail too. What can't be sent now holds up no other mail. */
export const noticeMails = defineJob({
  name: 'catalogue.notice-mails',
  data: z.object({ kind: z.enum(NOTIFICATION_KINDS), noticeIds: z.array(z.uuid()).min(1) }),
  deadlineSeconds: 300,
  async run({ db, mailer, config, clock }, { kind, noticeIds }, signal) {
    const failures: unknown[] = [];
    for (const notice of await selectUnmailedNotices(db, noticeIds)) {
      signal.throwIfAborted();
      try {
        await mailer.send(noticeLetter({ ...notice, kind, publicUrl: config.publicUrl }), signal);
        await setNoticeMailed(db, notice.id, clock.now());
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} mails could not be sent`);
  },
});

/** Removes objects of the storage that no row names any more. */
export const removeObjectsJob = defineJob({
  name: 'catalogue.remove-objects',
  data: z.object({ keys: z.array(z.string()).min(1) }),
  deadlineSeconds: 300,
  async run({ storage }, { keys }) {
    for (const key of keys) await storage.remove(key);
  },
});

/** Lets the films of somebody be found by another name. */
export const personRenamedJob = defineJob({
  name: 'catalogue.person-renamed',
  data: z.object({ kind: z.enum(['stars', 'directors']), id: z.uuid() }),
  deadlineSeconds: 600,
  async run({ db }, person, signal) {
    let after: string | null = null;
    do {
      signal.throwIfAborted();
      after = await refreshPersonBatch(db, person, after);
    } while (after !== null);
  },
});

/** Removes the posters no film has: what replaced them could not remove them. */
export const posterSweepJob = defineJob({
  name: 'catalogue.sweep-posters',
  data: z.strictObject({}),
  everySeconds: () => 86_400,
  deadlineSeconds: 600,
  async run(deps, _data, signal) {
    const removed = await sweepOrphans(
      deps,
      { folder: POSTER_FOLDER, selectNamed: (keys) => selectNamedPosters(deps.db, keys) },
      signal,
    );
    deps.metrics.countDeleted('posters', removed);
    if (removed > 0) deps.log.info({ removed }, 'posters swept');
  },
});

import { inTransaction } from '@online-cinema/db/transaction';
import { z } from 'zod';
import { defineJob } from '../job.ts';
import { addSeconds } from '../lib/clock.ts';
import { makeArchive } from './archive.ts';
import { deleteExpiredExports, sweepExports } from './clean-up.ts';
import { deleteDueAccounts } from './erasure.ts';
import { dataExportLetter, deletionScheduledLetter } from './mail.ts';
import { selectDeletion, selectExport, setExportReady } from './queries.ts';

/** How long an archive can be fetched. */
export const EXPORT_LIFE_SECONDS = 7 * 86_400;

/** Gathers everything that belongs to an account in one object of the storage, and has the link to it mailed. */
export const dataExportJob = defineJob({
  name: 'privacy.data-export',
  data: z.object({ exportId: z.uuid() }),
  deadlineSeconds: 120,
  async run({ db, storage, config, clock, queue }, { exportId }, signal) {
    const asked = await selectExport(db, exportId);
    if (!asked || asked.readyAt !== null) return; // the account is gone, or it was done before
    const archive = await makeArchive({ db, config, clock }, asked.userId);
    if (archive === undefined) return;
    await storage.put(asked.storageKey, Buffer.from(JSON.stringify(archive, null, 2)));
    signal.throwIfAborted();
    const isReady = await inTransaction(db, async (trx) => {
      const now = clock.now();
      const expiresAt = addSeconds(now, EXPORT_LIFE_SECONDS);
      if (!(await setExportReady(trx, exportId, { readyAt: now, expiresAt }))) return false;
      await queue.enqueue(trx, dataExportMail, { exportId });
      return true;
    });
    // The account was deleted meanwhile, and with it the row; or another run of this job was faster.
    if (!isReady && !(await selectExport(db, exportId))) await storage.remove(asked.storageKey);
  },
});

/** Sends the link to an archive. The link is made here, from the row, and is nowhere kept. */
export const dataExportMail = defineJob({
  name: 'privacy.data-export-mail',
  data: z.object({ exportId: z.uuid() }),
  async run({ db, mailer, oneTimeTokens, config, clock }, { exportId }, signal) {
    const made = await selectExport(db, exportId);
    if (!made || made.readyAt === null || made.expiresAt <= clock.now()) return; // gone, or too old by now
    const { email, expiresAt } = made;
    const token = oneTimeTokens.derive('data_export', exportId);
    await mailer.send(dataExportLetter({ email, expiresAt, exportId, token, publicUrl: config.publicUrl }), signal);
  },
});

/** Tells somebody when the account will be deleted, and how to keep it. */
export const deletionScheduledMail = defineJob({
  name: 'privacy.deletion-scheduled-mail',
  data: z.object({ userId: z.uuid(), deletesAt: z.iso.datetime() }),
  async run({ db, mailer, config }, { userId, deletesAt }, signal) {
    const deletion = await selectDeletion(db, userId);
    if (deletion?.deletesAt?.toISOString() !== deletesAt) return; // canceled, or asked for anew
    const { email } = deletion;
    const letter = deletionScheduledLetter({
      userId,
      email,
      deletesAt: deletion.deletesAt,
      publicUrl: config.publicUrl,
    });
    await mailer.send(letter, signal);
  },
});

/** Deletes the accounts whose time has come. */
export const accountDeletionJob = defineJob({
  name: 'privacy.delete-due-accounts',
  data: z.strictObject({}),
  everySeconds: () => 3_600,
  deadlineSeconds: 600,
  async run(deps, _data, signal) {
    await deleteDueAccounts(deps, signal);
  },
});

/** Deletes the archives nobody can fetch any more. */
export const exportCleanUpJob = defineJob({
  name: 'privacy.clean-up',
  data: z.strictObject({}),
  everySeconds: (config) => config.tokenCleanupSeconds,
  deadlineSeconds: 300,
  async run(deps, _data, signal) {
    await deleteExpiredExports(deps, signal);
    await sweepExports(deps, signal);
  },
});

import { z } from 'zod';
import { defineJob } from '../job.ts';
import { totpChangedLetter } from './mail.ts';
import { selectEmail } from './queries.ts';

/**
 * Tells the owner of an account that its sign-in asks for a code from now on, or no more; `reset`: by an act of the
 * staff. `at`: seconds since 1970.
 */
export const totpChangedMail = defineJob({
  name: 'accounts.totp-changed-mail',
  data: z.object({ userId: z.uuid(), change: z.enum(['on', 'off', 'reset']), at: z.int() }),
  async run({ db, mailer, config }, { userId, change, at }, signal) {
    const email = await selectEmail(db, userId);
    if (email === undefined) return; // the account is gone
    await mailer.send(totpChangedLetter({ userId, email, change, at, publicUrl: config.publicUrl }), signal);
  },
});

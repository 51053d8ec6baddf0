import { z } from 'zod';
import { defineJob } from '../job.ts';
import { totpChangedLetter } from './mail.ts';
import { selectEmail } from './queries.ts';

/** Tells the owner of an account that its sign-in asks for a code from now on, or no more. `at`: seconds since 1970. */
export const totpChangedMail = defineJob({
  name: 'accounts.totp-changed-mail',
  data: z.object({ userId: z.uuid(), isEnabled: z.boolean(), at: z.int() }),
  async run({ db, mailer, config }, { userId, isEnabled, at }, signal) {
    const email = await selectEmail(db, userId);
    if (email === undefined) return; // the account is gone
    await mailer.send(totpChangedLetter({ userId, email, isEnabled, at, publicUrl: config.publicUrl }), signal);
  },
});

import { z } from 'zod';
import { defineJob } from '../job.ts';
import { activatedLetter, activationLetter } from './mail.ts';
import { selectActivation, selectEmail } from './queries.ts';

/** Sends the link that activates an account. The token is made here, from the row, and is nowhere kept. */
export const activationMail = defineJob({
  name: 'accounts.activation-mail',
  data: z.object({ tokenId: z.uuid() }),
  async run({ db, mailer, oneTimeTokens, config, clock }, { tokenId }, signal) {
    const activation = await selectActivation(db, tokenId);
    if (!activation || activation.expiresAt <= clock.now()) return; // used, replaced or too old by now
    const token = oneTimeTokens.derive('activation', tokenId);
    await mailer.send(activationLetter({ ...activation, tokenId, token, publicUrl: config.publicUrl }), signal);
  },
});

/** Tells a new viewer that the account is active. */
export const activatedMail = defineJob({
  name: 'accounts.activated-mail',
  data: z.object({ userId: z.uuid() }),
  async run({ db, mailer, config }, { userId }, signal) {
    const email = await selectEmail(db, userId);
    if (email === undefined) return; // the account is gone
    await mailer.send(activatedLetter({ userId, email, publicUrl: config.publicUrl }), signal);
  },
});

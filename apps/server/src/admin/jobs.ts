import { z } from 'zod';
import { defineJob } from '../job.ts';
import { invitationLetter } from './mail.ts';
import { selectInvitation } from './queries.ts';

/** Sends the link with which somebody whom an admin gave an account chooses a password. */
export const invitationMail = defineJob({
  name: 'admin.invitation-mail',
  data: z.object({ tokenId: z.uuid() }),
  async run({ db, mailer, oneTimeTokens, config, clock }, { tokenId }, signal) {
    const invitation = await selectInvitation(db, tokenId);
    if (!invitation || invitation.expiresAt <= clock.now()) return; // used, replaced or too old by now
    const token = oneTimeTokens.derive('set_password', tokenId);
    await mailer.send(invitationLetter({ ...invitation, tokenId, token, publicUrl: config.publicUrl }), signal);
  },
});

import { z } from 'zod';
import { defineJob } from '../job.ts';
import { selectDigest, selectReply, setMailed } from './digest-queries.ts';
import { likesDigestLetter, replyLetter } from './mail.ts';
import { wantsMail } from './notifications-queries.ts';
import { unsubscribeUrl } from './unsubscribe.ts';

/** Tells somebody by mail of a reply to a comment. */
export const replyMail = defineJob({
  name: 'notifications.reply-mail',
  data: z.object({ notificationId: z.uuid() }),
  async run({ db, mailer, config, oneTimeTokens, clock }, { notificationId }, signal) {
    const reply = await selectReply(db, notificationId, clock.now());
    // Gone, or sent, or one of very many; or unsubscribed from a moment ago.
    if (!reply || !(await wantsMail(db, reply.userId, 'comment_reply'))) return;
    const url = unsubscribeUrl({ config, oneTimeTokens }, reply.userId, 'comment_reply');
    await mailer.send(replyLetter({ ...reply, publicUrl: config.publicUrl, unsubscribeUrl: url }), signal);
    await setMailed(db, notificationId, clock.now());
  },
});

/** Tells somebody by mail of the likes of a day. */
export const likesDigestMail = defineJob({
  name: 'notifications.likes-digest-mail',
  data: z.object({ userId: z.uuid(), digestedAt: z.iso.datetime() }),
  async run({ db, mailer, config, oneTimeTokens }, { userId, digestedAt }, signal) {
    const digest = await selectDigest(db, userId, 'comment_like', new Date(digestedAt));
    if (!digest || !(await wantsMail(db, userId, 'comment_like'))) return;
    const url = unsubscribeUrl({ config, oneTimeTokens }, userId, 'comment_like');
    const about = { ...digest, userId, digestedAt, publicUrl: config.publicUrl, unsubscribeUrl: url };
    await mailer.send(likesDigestLetter(about), signal);
  },
});

import { inTransaction } from '@online-cinema/db/transaction';
import { z } from 'zod';
import { defineJob } from '../job.ts';
import { addSeconds } from '../lib/clock.ts';
import {
  activatedLetter,
  activationLetter,
  emailChangedLetter,
  emailChangeLetter,
  passwordChangedLetter,
  passwordResetDoneLetter,
  passwordResetLetter,
} from './mail.ts';
import {
  deleteEmailChanged,
  lockAccountState,
  replaceOneTimeToken,
  selectEmail,
  selectEmailChanged,
  selectTokenMail,
} from './queries.ts';

/**
 * Makes another activation link for an account that waits for one. Asked for by anybody for any address: whether there
 * is something to do is found out here, where it shows in no answer.
 */
export const activationJob = defineJob({
  name: 'accounts.activation',
  data: z.object({ userId: z.uuid() }),
  async run({ db, queue, config, clock }, { userId }) {
    await inTransaction(db, async (trx) => {
      if ((await lockAccountState(trx, userId)) !== 'pending') return;
      const expiresAt = addSeconds(clock.now(), config.activationTtlSeconds);
      const tokenId = await replaceOneTimeToken(trx, { userId, purpose: 'activation', expiresAt });
      await queue.enqueue(trx, activationMail, { tokenId });
    });
  },
});

/** Sends the link that activates an account. The token is made here, from the row, and is nowhere kept. */
export const activationMail = defineJob({
  name: 'accounts.activation-mail',
  data: z.object({ tokenId: z.uuid() }),
  async run({ db, mailer, oneTimeTokens, config, clock }, { tokenId }, signal) {
    const activation = await selectTokenMail(db, { id: tokenId, purpose: 'activation' });
    if (!activation || activation.expiresAt <= clock.now()) return; // used, replaced or too old by now
    const token = oneTimeTokens.derive('activation', tokenId);
    await mailer.send(activationLetter({ ...activation, tokenId, token, publicUrl: config.publicUrl }), signal);
  },
});

/** Tells a new viewer that the account is active. */
export const activatedMail = defineJob({
  name: 'accounts.activated-mail',
  // `occasion` tells an account that was opened again from the first time: two mails, not one sent twice.
  data: z.object({ userId: z.uuid(), occasion: z.uuid().optional() }),
  async run({ db, mailer, config }, { userId, occasion = userId }, signal) {
    const email = await selectEmail(db, userId);
    if (email === undefined) return; // the account is gone
    await mailer.send(activatedLetter({ occasion, email, publicUrl: config.publicUrl }), signal);
  },
});

/** Makes a link to set another password, for every account that was not closed; as {@link activationJob} does. */
export const passwordResetJob = defineJob({
  name: 'accounts.password-reset',
  data: z.object({ userId: z.uuid() }),
  async run({ db, queue, config, clock }, { userId }) {
    await inTransaction(db, async (trx) => {
      const state = await lockAccountState(trx, userId);
      if (state === undefined || state === 'closed') return;
      const expiresAt = addSeconds(clock.now(), config.passwordResetTtlSeconds);
      const tokenId = await replaceOneTimeToken(trx, { userId, purpose: 'password_reset', expiresAt });
      await queue.enqueue(trx, passwordResetMail, { tokenId });
    });
  },
});

/** Sends the link that sets another password. */
export const passwordResetMail = defineJob({
  name: 'accounts.password-reset-mail',
  data: z.object({ tokenId: z.uuid() }),
  async run({ db, mailer, oneTimeTokens, config, clock }, { tokenId }, signal) {
    const reset = await selectTokenMail(db, { id: tokenId, purpose: 'password_reset' });
    if (!reset || reset.expiresAt <= clock.now()) return; // used, replaced or too old by now
    const token = oneTimeTokens.derive('password_reset', tokenId);
    await mailer.send(passwordResetLetter({ ...reset, tokenId, token, publicUrl: config.publicUrl }), signal);
  },
});

/** Tells the owner of an account that its password was set by a link. */
export const passwordResetDoneMail = defineJob({
  name: 'accounts.password-reset-done-mail',
  data: z.object({ userId: z.uuid(), generation: z.int() }),
  async run({ db, mailer, config }, { userId, generation }, signal) {
    const email = await selectEmail(db, userId);
    if (email === undefined) return; // the account is gone
    await mailer.send(passwordResetDoneLetter({ userId, generation, email, publicUrl: config.publicUrl }), signal);
  },
});

/** Tells the owner of an account that its password was changed. */
export const passwordChangedMail = defineJob({
  name: 'accounts.password-changed-mail',
  data: z.object({ userId: z.uuid(), generation: z.int() }),
  async run({ db, mailer, config }, { userId, generation }, signal) {
    const email = await selectEmail(db, userId);
    if (email === undefined) return; // the account is gone
    await mailer.send(passwordChangedLetter({ userId, generation, email, publicUrl: config.publicUrl }), signal);
  },
});

/** Sends the link that moves an account to another address, to that address. */
export const emailChangeMail = defineJob({
  name: 'accounts.email-change-mail',
  data: z.object({ tokenId: z.uuid() }),
  async run({ db, mailer, oneTimeTokens, config, clock }, { tokenId }, signal) {
    const change = await selectTokenMail(db, { id: tokenId, purpose: 'email_change' });
    if (!change?.newEmail || change.expiresAt <= clock.now()) return; // used, replaced or too old by now
    const token = oneTimeTokens.derive('email_change', tokenId);
    const { newEmail, expiresAt } = change;
    await mailer.send(
      emailChangeLetter({ email: newEmail, expiresAt, tokenId, token, publicUrl: config.publicUrl }),
      signal,
    );
  },
});

/** Tells the address an account had before that it has another one, and then forgets it. */
export const emailChangedMail = defineJob({
  name: 'accounts.email-changed-mail',
  data: z.object({ changeId: z.uuid() }),
  async run({ db, mailer, config }, { changeId }, signal) {
    const change = await selectEmailChanged(db, changeId);
    if (!change) return; // told already, or the account is gone
    await mailer.send(emailChangedLetter({ ...change, changeId, publicUrl: config.publicUrl }), signal);
    await deleteEmailChanged(db, changeId);
  },
});

import { html } from '../lib/html.ts';
import { composeLetter, type TokenMail, tokenLetter } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';

export function activationLetter(about: TokenMail): Letter {
  return tokenLetter(about, {
    kind: 'activation',
    subject: 'Activate your account',
    opening: html`Welcome to the Online Cinema. This address was used to open an account:
      <strong id="email">${about.email}</strong>.`,
    todo: 'activate it',
    label: 'Activate the account',
    page: 'activate',
    ending: html`If this wasn't you, ignore this mail: without the link the account stays closed.`,
  });
}

/** Writes the mail that says the account is active. */
export function activatedLetter(about: { email: string; occasion: string; publicUrl: string }): Letter {
  return composeLetter({
    key: `activated.${about.occasion}`,
    to: about.email,
    subject: 'Your account is active',
    paragraphs: [html`Your account <strong id="email">${about.email}</strong> is active. Enjoy the films!`],
    action: { label: 'Sign in', url: `${about.publicUrl}/sign-in` },
  });
}

export function passwordResetLetter(about: TokenMail): Letter {
  return tokenLetter(about, {
    kind: 'password-reset',
    subject: 'Reset your password',
    opening: html`Somebody asked to set another password for the account of
      <strong id="email">${about.email}</strong>.`,
    todo: 'choose it',
    label: 'Choose a password',
    page: 'reset-password',
    ending: html`If this wasn't you, ignore this mail: without the link the password stays as it is.`,
  });
}

export function passwordResetDoneLetter(about: {
  email: string;
  userId: string;
  generation: number;
  publicUrl: string;
}): Letter {
  return composeLetter({
    key: `password-reset-done.${about.userId}.${about.generation}`,
    to: about.email,
    subject: 'Your password was reset',
    paragraphs: [
      html`The account of <strong id="email">${about.email}</strong> has another password, set with the link of a mail.
        Every device is signed out.`,
    ],
    action: { label: 'Sign in', url: `${about.publicUrl}/sign-in` },
    ending: html`It was not you? Then somebody else reads your mail: make the mailbox safe, and reset the password
    again.`,
  });
}

export function passwordChangedLetter(about: {
  email: string;
  userId: string;
  generation: number;
  publicUrl: string;
}): Letter {
  return composeLetter({
    key: `password-changed.${about.userId}.${about.generation}`,
    to: about.email,
    subject: 'Your password was changed',
    paragraphs: [
      html`The password of the account of <strong id="email">${about.email}</strong> was changed. Every other device is
        signed out.`,
      html`It was not you? Follow the link and choose another one at once.`,
    ],
    action: { label: 'Reset the password', url: `${about.publicUrl}/forgot-password` },
  });
}

/** Goes to the new address. */
export function emailChangeLetter(about: TokenMail): Letter {
  return tokenLetter(about, {
    kind: 'email-change',
    subject: 'Confirm your new address',
    opening: html`Somebody asked to use this address for an account of the Online Cinema:
      <strong id="email">${about.email}</strong>.`,
    todo: 'confirm it',
    label: 'Confirm the address',
    page: 'confirm-email',
    ending: html`If this wasn't you, ignore this mail: without the link the account keeps its address.`,
  });
}

/** Goes to the address before. */
export function emailChangedLetter(about: {
  oldEmail: string;
  newEmail: string;
  changeId: string;
  publicUrl: string;
}): Letter {
  return composeLetter({
    key: `email-changed.${about.changeId}`,
    to: about.oldEmail,
    subject: 'Your address was changed',
    paragraphs: [
      html`Your account no longer uses the address <strong id="email">${about.oldEmail}</strong>. From now on you sign
        in with ${about.newEmail}.`,
    ],
    action: { label: 'Sign in', url: `${about.publicUrl}/sign-in` },
    ending: html`It was not you? Then somebody knows your password. Answer this mail, so that we can help.`,
  });
}

const TOTP_CHANGES = {
  on: {
    subject: 'Two-factor login is on',
    what: 'asks for a code of your authenticator app. Every other device is signed out',
    otherwise: 'That signs every device out. Then answer this mail, so that we can switch the codes off.',
  },
  off: { subject: 'Two-factor login is off', what: 'asks for the password only', otherwise: '' },
  reset: {
    subject: 'Two-factor login is off',
    what: 'asks for the password only: our staff switched two-factor login off. Every device is signed out',
    otherwise: '',
  },
};

export function totpChangedLetter(about: {
  email: string;
  userId: string;
  change: keyof typeof TOTP_CHANGES;
  at: number;
  publicUrl: string;
}): Letter {
  const { subject, what, otherwise } = TOTP_CHANGES[about.change];
  return composeLetter({
    key: `totp-changed.${about.userId}.${about.at}.${about.change}`,
    to: about.email,
    subject,
    paragraphs: [
      html`From now on, signing in to the account of <strong id="email">${about.email}</strong> ${what}.`,
      html`It was not you? Follow the link and choose another password at once. ${otherwise}`,
    ],
    action: { label: 'Reset the password', url: `${about.publicUrl}/forgot-password` },
  });
}

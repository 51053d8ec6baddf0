import { html } from '../lib/html.ts';
import { composeLetter } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';

/** Writes the mail with the activation link. Each token has its own; the time it is good until is said in UTC. */
export function activationLetter(about: {
  email: string;
  tokenId: string;
  token: string;
  expiresAt: Date;
  publicUrl: string;
}): Letter {
  return composeLetter({
    key: `activation.${about.tokenId}`,
    to: about.email,
    subject: 'Activate your account',
    paragraphs: [
      html`Welcome to the Online Cinema. This address was used to open an account:
        <strong id="email">${about.email}</strong>.`,
      html`Follow the link to activate it. The link is good until ${minuteOf(about.expiresAt)}.`,
    ],
    action: { label: 'Activate the account', url: `${about.publicUrl}/activate?token=${about.token}` },
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

export function passwordResetLetter(about: {
  email: string;
  tokenId: string;
  token: string;
  expiresAt: Date;
  publicUrl: string;
}): Letter {
  return composeLetter({
    key: `password-reset.${about.tokenId}`,
    to: about.email,
    subject: 'Reset your password',
    paragraphs: [
      html`Somebody asked to set another password for the account of <strong id="email">${about.email}</strong>.`,
      html`Follow the link to choose it. The link is good once, and until ${minuteOf(about.expiresAt)}.`,
    ],
    action: { label: 'Choose a password', url: `${about.publicUrl}/reset-password?token=${about.token}` },
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

export function emailChangeLetter(about: {
  email: string;
  tokenId: string;
  token: string;
  expiresAt: Date;
  publicUrl: string;
}): Letter {
  return composeLetter({
    key: `email-change.${about.tokenId}`,
    to: about.email,
    subject: 'Confirm your new address',
    paragraphs: [
      html`Somebody asked to use this address for an account of the Online Cinema:
        <strong id="email">${about.email}</strong>.`,
      html`Follow the link to confirm it. The link is good until ${minuteOf(about.expiresAt)}.`,
    ],
    action: { label: 'Confirm the address', url: `${about.publicUrl}/confirm-email?token=${about.token}` },
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

export function totpChangedLetter(about: {
  email: string;
  userId: string;
  isEnabled: boolean;
  at: number;
  publicUrl: string;
}): Letter {
  const isOrIsNot = about.isEnabled ? 'asks for a code of your authenticator app' : 'asks for the password only';
  return composeLetter({
    key: `totp-changed.${about.userId}.${about.at}.${about.isEnabled ? 'on' : 'off'}`,
    to: about.email,
    subject: about.isEnabled ? 'Two-factor login is on' : 'Two-factor login is off',
    paragraphs: [
      html`From now on, signing in to the account of <strong id="email">${about.email}</strong> ${isOrIsNot}.`,
      html`It was not you? Follow the link and choose another password at once.`,
    ],
    action: { label: 'Reset the password', url: `${about.publicUrl}/forgot-password` },
  });
}

function minuteOf(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

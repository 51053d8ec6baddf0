import { html } from '../lib/html.ts';
import { composeLetter, minuteOf } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';

export function dataExportLetter(about: {
  email: string;
  exportId: string;
  token: string;
  expiresAt: Date;
  publicUrl: string;
}): Letter {
  return composeLetter({
    key: `data-export.${about.exportId}`,
    to: about.email,
    subject: 'Your data export',
    paragraphs: [
      html`Here is the copy you asked for of everything that belongs to the account of
        <strong id="email">${about.email}</strong>: one file, in JSON.`,
      html`The link is good until ${minuteOf(about.expiresAt)}. Whoever has it can read the file, so keep it to
      yourself.`,
    ],
    action: { label: 'Download your data', url: `${about.publicUrl}/exports/${about.token}` },
    ending: html`You did not ask for it? Then somebody is signed in as you: change your password, and sign every other
    device out.`,
  });
}

export function deletionScheduledLetter(about: {
  email: string;
  userId: string;
  deletesAt: Date;
  publicUrl: string;
}): Letter {
  return composeLetter({
    key: `deletion-scheduled.${about.userId}.${about.deletesAt.getTime()}`,
    to: about.email,
    subject: 'Account deletion scheduled',
    paragraphs: [
      html`The account of <strong id="email">${about.email}</strong> will be deleted on ${minuteOf(about.deletesAt)}:
        your profile, your library and your cart. Orders and payments are kept for our books, without your name.`,
      html`Until then you can sign in and cancel the deletion.`,
    ],
    action: { label: 'Sign in', url: `${about.publicUrl}/sign-in` },
    ending: html`It was not you? Then somebody knows your password: cancel the deletion, and change the password.`,
  });
}

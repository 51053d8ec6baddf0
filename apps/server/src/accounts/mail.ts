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
  const until = `${about.expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return composeLetter({
    key: `activation.${about.tokenId}`,
    to: about.email,
    subject: 'Activate your account',
    paragraphs: [
      html`Welcome to the Online Cinema. This address was used to open an account:
        <strong id="email">${about.email}</strong>.`,
      html`Follow the link to activate it. The link is good until ${until}.`,
    ],
    action: { label: 'Activate the account', url: `${about.publicUrl}/activate?token=${about.token}` },
    ending: html`If this wasn't you, ignore this mail: without the link the account stays closed.`,
  });
}

/** Writes the mail that says the account is active. */
export function activatedLetter(about: { email: string; userId: string; publicUrl: string }): Letter {
  return composeLetter({
    key: `activated.${about.userId}`,
    to: about.email,
    subject: 'Your account is active',
    paragraphs: [html`Your account <strong id="email">${about.email}</strong> is active. Enjoy the films!`],
    action: { label: 'Sign in', url: `${about.publicUrl}/sign-in` },
  });
}

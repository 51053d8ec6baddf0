import type { Role } from '@online-cinema/contract/roles';
import { html } from '../lib/html.ts';
import { composeLetter } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';

const AS: Record<Role, string> = { user: 'a viewer', moderator: 'a moderator', admin: 'an admin' };

export function invitationLetter(about: {
  email: string;
  role: Role;
  tokenId: string;
  token: string;
  expiresAt: Date;
  publicUrl: string;
}): Letter {
  const until = `${about.expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return composeLetter({
    key: `invitation.${about.tokenId}`,
    to: about.email,
    subject: 'Choose your password',
    paragraphs: [
      html`The Online Cinema has an account for you, as ${AS[about.role]}: <strong id="email">${about.email}</strong>.`,
      html`Follow the link to choose your password. The link is good until ${until}.`,
    ],
    action: { label: 'Choose a password', url: setPasswordUrl(about.publicUrl, about.token) },
    ending: html`You did not expect this? Then there is nothing to do: without the link the account stays closed.`,
  });
}

/** Where somebody with a token sets a password. */
export function setPasswordUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/reset-password?token=${token}`;
}

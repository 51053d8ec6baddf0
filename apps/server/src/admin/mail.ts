import type { Role } from '@online-cinema/contract/roles';
import { html } from '../lib/html.ts';
import { type TokenMail, tokenLetter } from '../lib/letters.ts';
import type { Letter } from '../lib/mailer.ts';

const AS: Record<Role, string> = { user: 'a viewer', moderator: 'a moderator', admin: 'an admin' };

const SET_PASSWORD_PAGE = 'reset-password';

export function invitationLetter({ role, ...about }: TokenMail & { role: Role }): Letter {
  return tokenLetter(about, {
    kind: 'invitation',
    subject: 'Choose your password',
    opening: html`The Online Cinema has an account for you, as ${AS[role]}:
      <strong id="email">${about.email}</strong>.`,
    todo: 'choose your password',
    label: 'Choose a password',
    page: SET_PASSWORD_PAGE,
    ending: html`You did not expect this? Then there is nothing to do: without the link the account stays closed.`,
  });
}

/** Where somebody with a token sets a password. */
export function setPasswordUrl(publicUrl: string, token: string): string {
  return `${publicUrl}/${SET_PASSWORD_PAGE}?token=${token}`;
}

import type { ParsedMail } from '@online-cinema/local-services/inbox';
import { PASSWORD, type TestApp } from './app.ts';

/** A token pair as REST answers it; `expiresIn` in seconds. */
export type Tokens = { accessToken: string; refreshToken: string; tokenType: string; expiresIn: number };

/** Opens an account as a visitor does, and waits for the mail with its token. */
export async function registerVisitor(
  app: TestApp,
  email: string,
  password = PASSWORD,
): Promise<{ id: string; email: string; password: string; token: string }> {
  const { id } = await app.anonymous.accounts.register.mutate({ email, password });
  const mail = await app.inbox.waitFor({ to: email, subject: 'Activate your account' });
  return { id, email, password, token: tokenOf(mail) };
}

/** Signs in over REST, for tests that need the tokens themselves. */
export async function signInForTokens(app: TestApp, email: string, password = PASSWORD): Promise<Tokens> {
  const answer = await app.rest('POST', '/accounts/login', { body: { email, password } });
  if (answer.status !== 200) throw new Error(`login answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as Tokens;
}

/** Reads the token out of the action link of a mail. */
export function tokenOf(mail: ParsedMail): string {
  const token = new URL(linkOf(mail)).searchParams.get('token');
  if (token === null) throw new Error(`No token in the link of "${mail.subject}".`);
  return token;
}

/** Reads the action link of a mail. */
export function linkOf(mail: ParsedMail): string {
  const link = /<a\s+id="link"\s+href="([^"]+)"/.exec(mail.html)?.[1];
  if (link === undefined) throw new Error(`No link in "${mail.subject}".`);
  return link.replaceAll('&amp;', '&');
}

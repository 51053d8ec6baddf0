import { startHttp } from './inbox/http.ts';
import type { ParsedMail } from './inbox/mail.ts';
import { createMailbox, type MailMatch } from './inbox/mailbox.ts';
import { type SmtpFault, startSmtp } from './inbox/smtp.ts';

export type { ParsedMail } from './inbox/mail.ts';
export type { MailMatch } from './inbox/mailbox.ts';
export type { SmtpFault } from './inbox/smtp.ts';

export interface InboxOptions {
  /** Where mail comes in; 0 or absent: a free port. */
  smtpPort?: number;
  /** Where mail is read; 0 or absent: a free port. */
  port?: number;
  /** 127.0.0.1 when absent. */
  host?: string;
}

export interface Inbox extends AsyncDisposable {
  /** The page to read mail, and the base of Mailpit's API. */
  url: string;
  smtpUrl: string;
  port: number;
  smtpPort: number;
  /** The newest thousand mails, newest first. */
  messages(): ParsedMail[];
  /** Forgets every mail. */
  clear(): void;
  /**
   * Gives the newest mail to an address, at once when it is here, else when it arrives.
   *
   * @throws Error that lists what is here when none came in time.
   */
  waitFor(match: MailMatch): Promise<ParsedMail>;
  /** Makes the mail server misbehave, for tests of what then happens. */
  setFault(fault: SmtpFault): void;
  stop(): Promise<void>;
}

/**
 * Starts an inbox that takes every mail for every address, shows it to people and answers programs like Mailpit.
 *
 * @throws Error when a port is taken.
 */
export async function startInbox({ smtpPort = 0, port = 0, host = '127.0.0.1' }: InboxOptions = {}): Promise<Inbox> {
  const mailbox = createMailbox();
  const smtp = await startSmtp(host, smtpPort, mailbox.add);
  const http = await startHttp(host, port, mailbox).catch(async (error: unknown) => {
    await smtp.stop();
    throw error;
  });

  let stopping: Promise<unknown> | undefined;
  async function stop(): Promise<void> {
    await (stopping ??= Promise.all([smtp.stop(), http.stop()]));
  }

  const authority = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${authority}:${http.port}`,
    smtpUrl: `smtp://${authority}:${smtp.port}`,
    port: http.port,
    smtpPort: smtp.port,
    messages: mailbox.messages,
    clear: () => mailbox.clear(),
    waitFor: mailbox.waitFor,
    setFault: smtp.setFault,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

import { createTransport } from 'nodemailer';
import { type Dkim, signingOptions } from './dkim.ts';
import { inSpan, noTracing, type Tracing } from './tracing.ts';

/** A mail as a feature writes it. */
export type Letter = {
  to: string;
  subject: string;
  html: string;
  text: string;
  /** What the mail is about, such as `activation.<token id>`: two sendings of one mail have one Message-ID. */
  key: string;
  /** Where a mail program may end mails of this kind by itself, without asking (RFC 8058). */
  unsubscribeUrl?: string;
};

/** Sends mails over connections it keeps open; `close` ends them. */
export type Mailer = {
  /** Hands a mail to the SMTP server; resolves when that has accepted it. An aborted one is not sent any more. */
  send(letter: Letter, signal?: AbortSignal): Promise<void>;
  close(): void;
};

/** Makes a mailer for an SMTP server. `domain` is the right half of each Message-ID; with `dkim` each mail is signed. */
export function createMailer(options: {
  smtpUrl: string;
  from: string;
  domain: string;
  dkim?: Dkim | undefined;
  tracing?: Tracing;
}): Mailer {
  const { tracing = noTracing } = options;
  const address = new URL(options.smtpUrl);
  const port = Number(address.port || (address.protocol === 'smtps:' ? 465 : 587));
  const attributes = {
    'network.protocol.name': 'smtp',
    'server.address': address.hostname,
    'server.port': port,
  };
  const transport = createTransport({
    pool: true,
    host: address.hostname,
    port,
    secure: address.protocol === 'smtps:',
    ...(address.username && {
      auth: { user: decodeURIComponent(address.username), pass: decodeURIComponent(address.password) },
    }),
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    // A connection that breaks may have handed its mail over: the job decides when to try again, not the pool.
    maxRequeues: 0,
    ...(options.dkim && { dkim: signingOptions(options.dkim) }),
  });
  return {
    async send(letter, signal) {
      const mail = {
        from: options.from,
        // An object, never a string: a string with a comma or a line break would be read as more than one address.
        to: { name: '', address: letter.to },
        subject: letter.subject,
        html: letter.html,
        text: letter.text,
        messageId: `<${letter.key}@${options.domain}>`,
        ...(letter.unsubscribeUrl !== undefined && {
          headers: {
            'List-Unsubscribe': { prepared: true, value: `<${letter.unsubscribeUrl}>` },
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          },
        }),
        disableFileAccess: true,
        disableUrlAccess: true,
        ...(signal && { signal }),
      };
      const sending = { name: 'SMTP send', kind: 'client' as const, attributes };
      await inSpan(tracing, sending, () => transport.sendMail(mail)).catch((error: unknown) => {
        throw signal?.aborted ? signal.reason : withoutWords(error);
      });
    },
    close: () => transport.close(),
  };
}

// What a mail server says may name who the mail was for. The error stays with the job and in the log, and so outlives
// the account.
function withoutWords(error: unknown): Error {
  const { code, responseCode, command } = error as { code?: string; responseCode?: number; command?: string };
  const what = [code, responseCode, command].filter((part) => part !== undefined).join(' ');
  return new Error(`the mail was not handed over: ${what || 'for a reason the server did not give'}`);
}

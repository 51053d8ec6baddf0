import { EventEmitter } from 'node:events';

import type { ParsedMail } from './mail.ts';

const MAX_MAILS = 1_000;

/** What a mail must look like for {@link Mailbox.waitFor}. */
export interface MailMatch {
  /** One of its recipients, as SMTP named them, in any case. */
  to: string;
  /** A part of the subject, or a pattern. Absent: any. */
  subject?: string | RegExp;
  /** 10 s when absent. */
  timeoutMs?: number;
}

/** The newest thousand mails, in memory. */
export interface Mailbox {
  /** Newest first. */
  messages: () => ParsedMail[];
  find: (id: string) => ParsedMail | undefined;
  add: (mail: ParsedMail) => void;
  markRead: (mail: ParsedMail) => void;
  /** Removes the mails of these ids; all when absent. */
  clear: (ids?: readonly string[]) => void;
  /** Gives the newest mail that matches, at once or when it arrives. */
  waitFor: (match: MailMatch) => Promise<ParsedMail>;
  /** Calls back whenever something has changed, until the function it gives is called. */
  onChange: (listener: () => void) => () => void;
}

/** Makes an empty mailbox. */
export function createMailbox(): Mailbox {
  const changes = new EventEmitter().setMaxListeners(0);
  let mails: ParsedMail[] = [];

  function onChange(listener: () => void): () => void {
    changes.on('change', listener);
    return () => changes.off('change', listener);
  }

  async function waitFor(match: MailMatch): Promise<ParsedMail> {
    const timeoutMs = match.timeoutMs ?? 10_000;
    return await new Promise((settle, reject) => {
      const stopListening = onChange(look);
      const timer = setTimeout(() => {
        stopListening();
        reject(new Error(describeAbsence(match, timeoutMs, mails)));
      }, timeoutMs);
      look();

      function look(): void {
        const mail = mails.find((candidate) => matches(candidate, match));
        if (!mail) return;
        clearTimeout(timer);
        stopListening();
        settle(mail);
      }
    });
  }

  return {
    messages: () => [...mails],
    find: (id) => mails.find((mail) => mail.id === id),
    add(mail) {
      mails = [mail, ...mails].slice(0, MAX_MAILS);
      changes.emit('change');
    },
    markRead(mail) {
      if (mail.read) return;
      mail.read = true;
      changes.emit('change');
    },
    clear(ids) {
      mails = ids ? mails.filter((mail) => !ids.includes(mail.id)) : [];
      changes.emit('change');
    },
    waitFor,
    onChange,
  };
}

function matches(mail: ParsedMail, { to, subject }: MailMatch): boolean {
  if (!mail.envelope.to.some((address) => address.toLowerCase() === to.toLowerCase())) return false;
  if (subject === undefined) return true;
  // Not test(): a global pattern would remember where it stopped.
  return typeof subject === 'string' ? mail.subject.includes(subject) : mail.subject.search(subject) !== -1;
}

function describeAbsence({ to, subject }: MailMatch, timeoutMs: number, mails: readonly ParsedMail[]): string {
  const wanted = `No mail to ${to}${subject === undefined ? '' : ` about ${subject}`} came within ${timeoutMs} ms.`;
  const present = mails.slice(0, 10).map((mail) => `  ${mail.envelope.to.join(', ')}: ${mail.subject}`);
  return [wanted, present.length > 0 ? 'The newest ones are:' : 'The inbox is empty.', ...present].join('\n');
}

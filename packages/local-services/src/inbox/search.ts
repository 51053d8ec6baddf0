import type { MailAddress, ParsedMail } from './mail.ts';

/**
 * Finds the mails that a query of Mailpit's language describes: `to:`, `from:`, `cc:`, `bcc:`, `reply-to:`,
 * `addressed:`, `subject:`, `message-id:`, `is:read`, `is:unread`, `has:attachment`, `has:inline` and plain words; all
 * must match, `-` or `!` in front of one negates it, quotes hold words together. Case does not matter.
 */
export function searchMails(mails: readonly ParsedMail[], query: string): ParsedMail[] {
  const terms = (query.toLowerCase().match(/(?:[^\s"]|"[^"]*"?)+/g) ?? []).map((term) => term.replaceAll('"', ''));
  return mails.filter((mail) =>
    terms.every((term) => {
      const negated = term.length > 1 && /^[-!]/.test(term);
      return matches(mail, negated ? term.slice(1) : term) !== negated;
    }),
  );
}

const FIELDS = new Map<string, (mail: ParsedMail) => string>([
  ['to', (mail) => written(mail.to)],
  ['from', (mail) => written([mail.from])],
  ['cc', (mail) => written(mail.cc)],
  ['bcc', (mail) => written(mail.bcc)],
  ['reply-to', (mail) => written(mail.replyTo)],
  ['addressed', everybody],
  ['subject', (mail) => mail.subject],
  ['message-id', (mail) => mail.messageId],
]);

const STATES = new Map<string, (mail: ParsedMail) => boolean>([
  ['is:read', (mail) => mail.read],
  ['is:unread', (mail) => !mail.read],
  ['has:attachment', (mail) => mail.attachments.some(({ inline }) => !inline)],
  ['has:attachments', (mail) => mail.attachments.some(({ inline }) => !inline)],
  ['has:inline', (mail) => mail.attachments.some(({ inline }) => inline)],
  ['has:inlines', (mail) => mail.attachments.some(({ inline }) => inline)],
]);

function matches(mail: ParsedMail, term: string): boolean {
  const state = STATES.get(term);
  if (state) return state(mail);
  const [, name = '', wanted = ''] = /^([a-z-]+):(.*)$/s.exec(term) ?? [];
  const field = FIELDS.get(name);
  if (field) return field(mail).toLowerCase().includes(wanted.trim());
  return [mail.subject, everybody(mail), mail.text, mail.html].join('\n').toLowerCase().includes(term);
}

function everybody({ from, to, cc, bcc, replyTo }: ParsedMail): string {
  return written([from, ...to, ...cc, ...bcc, ...replyTo]);
}

function written(addresses: readonly MailAddress[]): string {
  return addresses.map(({ name, address }) => `${name} <${address}>`).join(', ');
}

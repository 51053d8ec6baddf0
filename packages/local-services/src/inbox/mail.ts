import { randomBytes } from 'node:crypto';

import PostalMime, { type Address } from 'postal-mime';

/** A name and an address; either may be ''. */
export interface MailAddress {
  name: string;
  address: string;
}

/** A file that came with a mail. */
export interface MailAttachment {
  partId: string;
  filename: string;
  contentType: string;
  /** Without the angle brackets; '' when the mail's HTML cannot refer to it. */
  contentId: string;
  /** Shown within the mail rather than offered beside it. */
  inline: boolean;
  content: Buffer;
}

/** A mail as it arrived. */
export interface ParsedMail {
  id: string;
  /** Without the angle brackets. */
  messageId: string;
  from: MailAddress;
  to: MailAddress[];
  cc: MailAddress[];
  /** Those of the header, and every recipient that no header names. */
  bcc: MailAddress[];
  replyTo: MailAddress[];
  subject: string;
  /** What the mail says, else when it arrived. */
  date: Date;
  receivedAt: Date;
  /** '' when the mail has no such part. */
  text: string;
  html: string;
  /** In the order of the mail, names as written, values unfolded. */
  headers: { name: string; value: string }[];
  attachments: MailAttachment[];
  /** Who really sent it to whom, whatever the headers say. */
  envelope: Envelope;
  raw: Buffer;
  /** Whether somebody opened it. */
  read: boolean;
}

export interface Envelope {
  from: string;
  to: string[];
}

/** Reads the source of a mail. */
export async function parseMail(raw: Buffer, envelope: Envelope): Promise<ParsedMail> {
  const email = await PostalMime.parse(raw);
  const receivedAt = new Date();
  const date = new Date(email.date ?? Number.NaN);
  const to = flatten(email.to);
  const cc = flatten(email.cc);
  const bcc = flatten(email.bcc);
  const named = new Set([...to, ...cc, ...bcc].map(({ address }) => address.toLowerCase()));
  const hidden = envelope.to.filter((address) => !named.has(address.toLowerCase()));
  return {
    id: randomBytes(11).toString('hex'),
    messageId: withoutBrackets(email.messageId),
    from: flatten(email.from && [email.from])[0] ?? { name: '', address: envelope.from },
    to,
    cc,
    bcc: [...bcc, ...hidden.map((address) => ({ name: '', address }))],
    replyTo: flatten(email.replyTo),
    subject: email.subject ?? '',
    date: Number.isNaN(date.getTime()) ? receivedAt : date,
    receivedAt,
    text: email.text ?? '',
    html: email.html ?? '',
    headers: email.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
    attachments: email.attachments.map((attachment, index) => {
      const contentId = withoutBrackets(attachment.contentId);
      return {
        partId: String(index + 1),
        filename: attachment.filename ?? contentId,
        contentType: attachment.mimeType,
        contentId,
        inline: attachment.disposition === 'inline' || attachment.related === true,
        content: toBuffer(attachment.content),
      };
    }),
    envelope,
    raw,
    read: false,
  };
}

function flatten(addresses: Address[] = []): MailAddress[] {
  return addresses.flatMap((entry) =>
    entry.group
      ? entry.group.map(({ name, address }) => ({ name, address }))
      : [{ name: entry.name, address: entry.address }],
  );
}

function withoutBrackets(id = ''): string {
  return id.replace(/^<|>$/g, '');
}

function toBuffer(content: ArrayBuffer | Uint8Array | string): Buffer {
  return typeof content === 'string' ? Buffer.from(content) : Buffer.from(new Uint8Array(content));
}

import { createHash } from 'node:crypto';

import type { MailAddress, MailAttachment, ParsedMail } from './mail.ts';

// The shapes of Mailpit's API: https://mailpit.axllent.org/docs/api-v1/view.html

const SNIPPET_LENGTH = 250;

/** Shapes a page of mails as `GET /api/v1/messages` and `/search` answer it. */
export function toMessages(all: readonly ParsedMail[], matching: readonly ParsedMail[], start: number, limit: number) {
  const page = matching.slice(start, limit > 0 ? start + limit : undefined);
  return {
    total: all.length,
    unread: all.filter((mail) => !mail.read).length,
    count: page.length,
    messages_count: matching.length,
    messages_unread: matching.filter((mail) => !mail.read).length,
    start,
    tags: [],
    messages: page.map(toSummary),
  };
}

/** Shapes a mail as `GET /api/v1/message/{ID}` answers it. */
export function toMessage(mail: ParsedMail) {
  const unsubscribe = headerOf(mail, 'list-unsubscribe');
  return {
    ...commonFields(mail),
    ReturnPath: mail.envelope.from,
    ListUnsubscribe: {
      Header: unsubscribe,
      Links: [...unsubscribe.matchAll(/<([^>]+)>/g)].flatMap(([, link]) => link ?? []),
      Errors: '',
      HeaderPost: headerOf(mail, 'list-unsubscribe-post'),
    },
    Date: mail.date,
    Text: mail.text,
    HTML: mail.html,
    Inline: mail.attachments.filter((attachment) => attachment.inline).map(toAttachment),
    Attachments: mail.attachments.filter((attachment) => !attachment.inline).map(toAttachment),
  };
}

/** Shapes the headers as `GET /api/v1/message/{ID}/headers` answers them: by name, alphabetically, each with its values. */
export function toHeaders(mail: ParsedMail): Record<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const { name, value } of mail.headers) {
    // As Go writes header names: Message-Id, Mime-Version.
    const key = name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
    headers.set(key, [...(headers.get(key) ?? []), value]);
  }
  return Object.fromEntries([...headers].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function toSummary(mail: ParsedMail) {
  return {
    ...commonFields(mail),
    Read: mail.read,
    Created: mail.receivedAt,
    Attachments: mail.attachments.filter((attachment) => !attachment.inline).length,
    Snippet: snippetOf(mail),
  };
}

function commonFields(mail: ParsedMail) {
  return {
    ID: mail.id,
    MessageID: mail.messageId,
    From: toAddress(mail.from),
    To: mail.to.map(toAddress),
    Cc: mail.cc.map(toAddress),
    Bcc: mail.bcc.map(toAddress),
    ReplyTo: mail.replyTo.map(toAddress),
    Subject: mail.subject,
    Username: '',
    Tags: [],
    Size: mail.raw.length,
  };
}

function toAddress({ name, address }: MailAddress) {
  return { Name: name, Address: address };
}

function toAttachment({ partId, filename, contentType, contentId, content }: MailAttachment) {
  const checksum = (algorithm: string) => createHash(algorithm).update(content).digest('hex');
  return {
    PartID: partId,
    FileName: filename,
    ContentType: contentType,
    ContentID: contentId,
    Size: content.length,
    Checksums: { MD5: checksum('md5'), SHA1: checksum('sha1'), SHA256: checksum('sha256') },
  };
}

function headerOf(mail: ParsedMail, name: string): string {
  return mail.headers.find((header) => header.name.toLowerCase() === name)?.value ?? '';
}

function snippetOf({ text, html }: ParsedMail): string {
  const plain = text || html.replace(/<(style|script|head|title)\b[^]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ');
  const line = plain.replace(/\s+/g, ' ').trim();
  // Never half of a character that takes two units.
  return line.length > SNIPPET_LENGTH
    ? `${line.slice(0, SNIPPET_LENGTH - 3).replace(/[\uD800-\uDBFF]$/, '')}...`
    : line;
}

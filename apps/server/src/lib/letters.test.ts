import { generateKeyPairSync } from 'node:crypto';
import { type Inbox, startInbox } from '@online-cinema/local-services/inbox';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { html } from './html.ts';
import { composeLetter } from './letters.ts';
import { createMailer, type Mailer } from './mailer.ts';
import { verifyDkim } from '../testing/dkim.ts';

const compose = (name: string) =>
  composeLetter({
    key: 'test.1',
    to: 'ada@example.com',
    subject: 'Your film',
    paragraphs: [html`You bought <strong id="movie">${name}</strong> today.`],
    action: { label: 'Watch', url: `http://cinema.test/watch?name=${encodeURIComponent(name)}&page=1` },
    ending: html`Have fun with ${name}.`,
  });

describe('a letter', () => {
  test('says in its text part what its HTML says', () => {
    const { text } = compose('Heat & Dust <1983> "it\'s"');
    expect(text).toBe(
      [
        'You bought Heat & Dust <1983> "it\'s" today.',
        "Watch: http://cinema.test/watch?name=Heat%20%26%20Dust%20%3C1983%3E%20%22it's%22&page=1",
        'Have fun with Heat & Dust <1983> "it\'s".',
        '-- \nOnline Cinema',
      ].join('\n\n'),
    );
  });

  test('shows any text as text, and the text part shows it too', () => {
    const names = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '<script>alert(1)</script>',
        '&lt;b&gt;',
        '&amp;lt;',
        '"><img src=x onerror=alert(1)>',
        '</strong>',
        '$&',
        '&#39;',
      ),
    );
    const clean = compose('').html.split(/[<>"]/).length;
    fc.assert(
      fc.property(names, (name) => {
        const letter = compose(name);
        expect(letter.html.split(/[<>"]/)).toHaveLength(clean);
        expect(letter.text).toContain(`You bought ${name} today.`.replace(/\s+/g, ' '));
      }),
    );
  });
});

describe('the mailer', () => {
  let inbox: Inbox;
  let mailer: Mailer;
  beforeAll(async () => {
    inbox = await startInbox();
    mailer = createMailer({ smtpUrl: inbox.smtpUrl, from: 'Kino <kino@cinema.test>', domain: 'cinema.test' });
  });
  beforeEach(() => inbox.clear());
  afterAll(async () => {
    mailer.close();
    await inbox.stop();
  });

  test('sends both parts, from and to whom it should', async () => {
    await mailer.send(compose('Heat'));
    const [mail] = inbox.messages();
    expect(mail).toMatchObject({
      messageId: 'test.1@cinema.test',
      from: { name: 'Kino', address: 'kino@cinema.test' },
      to: [{ name: '', address: 'ada@example.com' }],
      subject: 'Your film',
      text: expect.stringContaining('You bought Heat today.'),
      html: expect.stringContaining('<strong id="movie">Heat</strong>'),
    });
  });

  test.for([
    'ada@example.com, eve@evil.example',
    'ada@example.com\r\nBcc: eve@evil.example',
    'ada@example.com>\r\nRCPT TO:<eve@evil.example',
    '"Eve" <eve@evil.example>, ada@example.com',
  ])('never reads two receivers out of %j', async (to) => {
    await mailer.send({ ...compose('Heat'), to }).catch(() => undefined);
    expect(inbox.messages().flatMap((mail) => mail.envelope.to)).not.toContain('eve@evil.example');
  });

  test('never reads a header out of a subject', async () => {
    await mailer.send({ ...compose('Heat'), subject: 'Heat\r\nBcc: eve@evil.example' });
    const [mail] = inbox.messages();
    expect(mail?.envelope.to).toEqual(['ada@example.com']);
    expect(mail?.headers.map((header) => header.name.toLowerCase())).not.toContain('bcc');
  });

  test('hands a mail over once, even when the line breaks before the answer', async () => {
    inbox.setFault({ dropAfterData: true });
    await expect(mailer.send(compose('Heat'))).rejects.toThrow();
    inbox.setFault({ dropAfterData: false });
    expect(inbox.messages()).toHaveLength(1);
    await mailer.send(compose('Heat'));
    expect(inbox.messages()).toHaveLength(2);
  });

  test('does not send what nobody waits for any more', async () => {
    await expect(mailer.send(compose('Heat'), AbortSignal.abort())).rejects.toThrow('aborted');
    await mailer.send({ ...compose('Ronin'), key: 'test.2' });
    expect(inbox.messages().map((mail) => mail.messageId)).toEqual(['test.2@cinema.test']);
  });

  test('signs what it sends, so that its domain vouches for each mail and nobody else changes it', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const dkim = { domain: 'cinema.test', selector: 'mail', privateKey: pem };
    const signing = createMailer({ smtpUrl: inbox.smtpUrl, from: 'Kino Zwölf <kino@cinema.test>', domain: 'x', dkim });
    const unsubscribeUrl = 'https://cinema.test/unsubscribe/abc';
    await signing.send({ ...compose('Amélie,  twice '), unsubscribeUrl });
    signing.close();

    const response = await fetch(`${inbox.url}/api/v1/message/latest/raw`);
    const mail = Buffer.from(await response.arrayBuffer()).toString('latin1');
    const verify = (raw: string) => verifyDkim(raw, 'mail._domainkey.cinema.test', publicKey);
    expect(verify(mail)).toEqual({ bodyFits: true, isSigned: true });
    expect(verify(mail.replace('You bought', 'You sold'))).toEqual({ bodyFits: false, isSigned: true });
    // What mail programs offer their buttons for must be vouched for too (RFC 8058).
    for (const field of ['Subject: Y', 'To: ad', 'List-Unsubscribe: <h', 'List-Unsubscribe-Post: L']) {
      const forged = mail.replace(field, `${field}x`);
      expect(forged).not.toBe(mail);
      expect(verify(forged), field).toEqual({ bodyFits: true, isSigned: false });
    }
  });
});

import { once } from 'node:events';
import { createServer } from 'node:net';

import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { type Inbox, startInbox } from './inbox.ts';

const from = { name: 'Online Cinema', address: 'hello@cinema.test' };
let inbox: Inbox;
let sender: ReturnType<typeof createTransport>;

beforeAll(async () => {
  inbox = await startInbox();
  sender = createTransport(inbox.smtpUrl);
});

beforeEach(() => {
  inbox.clear();
  inbox.setFault({ rejectWith: null, dropAfterData: false, delayMs: 0 });
});

afterAll(async () => {
  await inbox.stop();
});

test('a mail keeps its letters, its parts, its people and its files', async () => {
  const pixel = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
    'base64',
  );
  await sender.sendMail({
    from,
    to: [{ name: 'Zoë Müller', address: 'zoe@example.com' }, 'ada@example.com'],
    cc: 'carl@example.com',
    bcc: 'hidden@example.com',
    replyTo: 'support@cinema.test',
    subject: 'Добро пожаловать, Zoë 🎬',
    messageId: '<one@cinema.test>',
    date: new Date('2026-01-02T03:04:05Z'),
    text: 'Your film is ready: “Metropolis”',
    html: '<p>Your film is ready: <img src="cid:poster"></p>',
    attachments: [
      { filename: 'квитанция.pdf', content: Buffer.from('%PDF-') },
      { filename: 'poster.png', cid: 'poster', content: pixel, contentDisposition: 'inline' },
    ],
  });

  const message = await getJson('/api/v1/message/latest');
  const [mail] = inbox.messages();
  expect(message).toMatchObject({
    ID: mail?.id,
    MessageID: 'one@cinema.test',
    From: { Name: 'Online Cinema', Address: 'hello@cinema.test' },
    To: [
      { Name: 'Zoë Müller', Address: 'zoe@example.com' },
      { Name: '', Address: 'ada@example.com' },
    ],
    Cc: [{ Name: '', Address: 'carl@example.com' }],
    Bcc: [{ Name: '', Address: 'hidden@example.com' }],
    ReplyTo: [{ Name: '', Address: 'support@cinema.test' }],
    ReturnPath: 'hello@cinema.test',
    Subject: 'Добро пожаловать, Zoë 🎬',
    Date: '2026-01-02T03:04:05.000Z',
    Tags: [],
    Text: expect.stringContaining('Your film is ready: “Metropolis”'),
    HTML: expect.stringContaining('<img src="cid:poster">'),
    Size: mail?.raw.length,
    Inline: [{ FileName: 'poster.png', ContentType: 'image/png', ContentID: 'poster', Size: pixel.length }],
    Attachments: [{ FileName: 'квитанция.pdf', ContentType: 'application/pdf', Size: 5 }],
  });
  const partId = mail?.attachments.find(({ inline }) => inline)?.partId;
  const poster = await fetch(`${inbox.url}/api/v1/message/${mail?.id}/part/${partId}`);
  expect(Buffer.from(await poster.arrayBuffer())).toEqual(pixel);
  expect(await getText('/view/latest.html')).toContain(`src="/api/v1/message/${mail?.id}/part/${partId}"`);
  expect(await getText('/view/latest.txt')).toContain('“Metropolis”');
});

test('the list is newest first, in pages, and knows what was read', async () => {
  for (const subject of ['first', 'second', 'third']) await send({ subject });
  await fetch(`${inbox.url}/api/v1/message/${inbox.messages()[0]?.id}`);

  expect(await getJson('/api/v1/messages?limit=2&start=0')).toMatchObject({
    total: 3,
    unread: 2,
    count: 2,
    messages_count: 3,
    messages_unread: 2,
    start: 0,
    tags: [],
    messages: [
      { Subject: 'third', Read: true, Attachments: 0, Snippet: 'Hello', To: [{ Address: 'ada@example.com' }] },
      { Subject: 'second', Read: false },
    ],
  });
  expect(await getJson('/api/v1/messages?limit=2&start=2')).toMatchObject({
    count: 1,
    messages: [{ Subject: 'first' }],
  });
});

test('headers and source are given as they came', async () => {
  await send({ subject: 'Headers', headers: { 'X-Order': '42' }, list: { unsubscribe: 'https://cinema.test/stop' } });

  expect(await getJson('/api/v1/message/latest/headers')).toMatchObject({
    'X-Order': ['42'],
    Subject: ['Headers'],
    'Mime-Version': ['1.0'],
  });
  expect(await getText('/api/v1/message/latest/raw')).toContain('Subject: Headers\r\n');
  expect(await getJson('/api/v1/message/latest')).toMatchObject({
    ListUnsubscribe: { Links: ['https://cinema.test/stop'] },
  });
});

test.each([
  ['to:ada@example.com', ['Your receipt', 'Reset your password']],
  ['to:ADA subject:receipt', ['Your receipt']],
  ['subject:"your password"', ['Reset your password']],
  ['-subject:receipt to:ada', ['Reset your password']],
  ['popcorn', ['Your receipt']],
  ['to:eve', ['For Eve']],
  ['is:read', []],
  ['constructor:x', []],
])('searching for %s finds %j', async (query, subjects) => {
  await send({ to: 'eve@example.com', subject: 'For Eve' });
  await send({ subject: 'Reset your password' });
  await send({ subject: 'Your receipt', text: 'One popcorn' });

  expect(await getJson(`/api/v1/search?query=${encodeURIComponent(query)}`)).toMatchObject({
    total: 3,
    messages_count: subjects.length,
    messages: subjects.map((subject) => ({ Subject: subject })),
  });
});

test('mails are deleted by id, or all at once', async () => {
  for (const subject of ['first', 'second', 'third']) await send({ subject });
  const second = inbox.messages()[1];

  await fetch(`${inbox.url}/api/v1/messages`, { method: 'DELETE', body: JSON.stringify({ IDs: [second?.id] }) });
  expect(inbox.messages().map(({ subject }) => subject)).toEqual(['third', 'first']);

  const answer = await fetch(`${inbox.url}/api/v1/messages`, {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
  });
  expect(await answer.text()).toBe('ok');
  expect(inbox.messages()).toEqual([]);
});

test('what is not there is 404', async () => {
  const paths = [
    'message/latest',
    'message/abc',
    'message/abc/raw',
    'message/abc/headers',
    'message/abc/part/1',
    'nothing',
  ];
  const answers = await Promise.all(
    [...paths.map((path) => `/api/v1/${path}`), '/view/abc.html'].map((path) => fetch(inbox.url + path)),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  await send({});
  expect((await fetch(`${inbox.url}/view/latest.html`)).status).toBe(404);
});

test('a big mail arrives whole, and one that is too big is refused', async () => {
  const content = Buffer.alloc(8 * 1024 * 1024, 'cinema');
  await send({ subject: 'Big', attachments: [{ filename: 'film.bin', content }] });
  expect(inbox.messages()[0]?.attachments[0]?.content.equals(content)).toBe(true);

  const tooBig = send({ attachments: [{ filename: 'film.bin', content: Buffer.alloc(20 * 1024 * 1024) }] });
  await expect(tooBig).rejects.toMatchObject({ responseCode: 552 });
  expect(inbox.messages()).toHaveLength(1);
});

test('two hundred mails at once all arrive', async () => {
  await using crowd = await startInbox();
  const pool = createTransport({ pool: true, host: '127.0.0.1', port: crowd.smtpPort, maxConnections: 20 });
  const subjects = Array.from({ length: 200 }, (_, index) => `Mail ${index}`);
  await Promise.all(subjects.map((subject) => pool.sendMail({ from, to: 'ada@example.com', subject, text: subject })));

  pool.close();

  expect(
    crowd
      .messages()
      .map(({ subject }) => subject)
      .sort(),
  ).toEqual(subjects.sort());
  expect(new Set(crowd.messages().map(({ id }) => id)).size).toBe(200);
});

test('the oldest mail makes room for the newest after a thousand', async () => {
  const pool = createTransport({
    pool: true,
    host: '127.0.0.1',
    port: inbox.smtpPort,
    maxConnections: 5,
    maxMessages: 1_000,
  });
  await send({ subject: 'The oldest' });
  await Promise.all(Array.from({ length: 1_000 }, () => pool.sendMail({ from, to: 'ada@example.com', text: 'Hello' })));
  pool.close();

  expect(inbox.messages()).toHaveLength(1_000);
  expect(inbox.messages().some(({ subject }) => subject === 'The oldest')).toBe(false);
});

test('waiting for a mail gives the one that is here or the one that comes', async () => {
  const coming = inbox.waitFor({ to: 'Ada@example.com', subject: /^Activate/ });
  await send({ to: 'eve@example.com', subject: 'Activate, Eve' });
  await send({ subject: 'Welcome' });
  await send({ subject: 'Activate, Ada' });

  expect((await coming).subject).toBe('Activate, Ada');
  expect((await inbox.waitFor({ to: 'ada@example.com' })).subject).toBe('Activate, Ada');
  await expect(inbox.waitFor({ to: 'bob@example.com', timeoutMs: 1 })).rejects.toThrow(
    'eve@example.com: Activate, Eve',
  );
});

test('a refused mail is not kept', async () => {
  inbox.setFault({ rejectWith: 451 });
  await expect(send({})).rejects.toMatchObject({ responseCode: 451 });
  expect(inbox.messages()).toEqual([]);

  inbox.setFault({ rejectWith: null });
  await send({});
  expect(inbox.messages()).toHaveLength(1);
});

test('a connection lost after the mail leaves the mail here and its sender in doubt', async () => {
  inbox.setFault({ dropAfterData: true });
  await expect(send({ subject: 'Doubt' })).rejects.toThrow(/closed|ECONNRESET/i);
  expect(inbox.messages().map(({ subject }) => subject)).toEqual(['Doubt']);
});

test("a mail's page runs no script, loads nothing from elsewhere and opens links in a new tab", async () => {
  await send({
    html: '<!doctype html><html><head><title>Hi</title></head><body><a href="https://cinema.test">Go</a></body></html>',
  });
  const answer = await fetch(`${inbox.url}/view/latest.html?embed=1`);

  expect(await answer.text()).toMatch(/^<!doctype html><html><head><base target="_blank">/);
  const policy = answer.headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain('sandbox allow-popups');
  expect(policy).not.toMatch(/script|https?:/);
});

test('the page allows its own script and style only', async () => {
  const answer = await fetch(inbox.url);
  const policy = answer.headers.get('content-security-policy') ?? '';

  expect(await answer.text()).toContain('<title>Inbox</title>');
  expect(policy).toMatch(/default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
  expect(policy).not.toMatch(/unsafe|https?:/);
});

test('the page is told when something changes', async () => {
  const answer = await fetch(`${inbox.url}/events`);
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toContain('data: change');

  const change = reader?.read();
  await send({});
  expect((await change)?.value).toContain('data: change');
  await reader?.cancel();
});

test('a taken port is named in the error, and nothing stays open', async () => {
  await expect(startInbox({ port: inbox.port })).rejects.toThrow(`Port ${inbox.port}`);
  await expect(startInbox({ smtpPort: inbox.smtpPort })).rejects.toThrow(`Port ${inbox.smtpPort}`);

  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const smtpPort = typeof address === 'object' && address ? address.port : 0;
  await new Promise((settle) => probe.close(settle));
  await expect(startInbox({ smtpPort, port: inbox.port })).rejects.toThrow(`Port ${inbox.port}`);
  await using free = await startInbox({ smtpPort });
  expect(free.smtpPort).toBe(smtpPort);
});

test('stopping does not wait for a sender or a reader that stays', async () => {
  const stopped = await startInbox();
  const pool = createTransport({ pool: true, host: '127.0.0.1', port: stopped.smtpPort });
  await pool.sendMail({ from, to: 'ada@example.com', text: 'Hello' });
  const events = await fetch(`${stopped.url}/events`);

  await stopped.stop();
  await stopped.stop();
  await expect(events.text()).rejects.toThrow();
  await expect(fetch(stopped.url)).rejects.toThrow();
});

async function send(mail: Parameters<typeof sender.sendMail>[0]): Promise<void> {
  await sender.sendMail({ from, to: 'ada@example.com', subject: 'Hello', text: 'Hello', ...mail });
}

async function getJson(path: string): Promise<unknown> {
  const answer = await fetch(inbox.url + path);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('application/json');
  return await answer.json();
}

async function getText(path: string): Promise<string> {
  const answer = await fetch(inbox.url + path);
  expect(answer.status).toBe(200);
  return await answer.text();
}

import { once } from 'node:events';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';

import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';

import { isSystemError, takenPort } from '../lib/ports.ts';
import { type ParsedMail, parseMail } from './mail.ts';

const MAX_MAIL_BYTES = 25 * 1024 * 1024;

/** How the mail server misbehaves; what is absent does not change. */
export interface SmtpFault {
  /** Refuses every recipient with this code, such as 451 (try later) or 550 (never); `null` stops that. */
  rejectWith?: number | null;
  /** Keeps the mail but cuts the connection instead of saying so, as a network does that fails at the worst moment. */
  dropAfterData?: boolean;
  /** Waits before it says that a mail was taken. */
  delayMs?: number;
}

export interface SmtpReceiver {
  port: number;
  setFault: (fault: SmtpFault) => void;
  stop: () => Promise<void>;
}

/**
 * Starts a mail server that takes every mail for every address.
 *
 * @throws Error when the port is taken.
 */
export async function startSmtp(
  host: string,
  port: number,
  deliver: (mail: ParsedMail) => void,
): Promise<SmtpReceiver> {
  const sockets = new Map<number, Socket>();
  let fault: Required<SmtpFault> = { rejectWith: null, dropAfterData: false, delayMs: 0 };

  const smtp = new SMTPServer({
    name: 'inbox.localhost',
    banner: 'Online Cinema inbox',
    size: MAX_MAIL_BYTES,
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    onAuth: (auth, _session, callback) => callback(null, { user: auth.username ?? 'anybody' }),
    onRcptTo({ address }, _session, callback) {
      // In the words of a real server, which names the recipient.
      callback(
        fault.rejectWith === null ? null : smtpError(fault.rejectWith, `<${address}>: Recipient address rejected`),
      );
    },
    onData(stream, session, callback) {
      receive(stream, session).then((answer) => {
        if (answer !== undefined) callback(null, answer);
      }, callback);
    },
  });

  /** Takes a mail and gives the answer to its sender; `undefined` when there is nobody to answer any more. */
  async function receive(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string | undefined> {
    const raw = await buffer(stream);
    if (stream.sizeExceeded) throw smtpError(552, 'The mail is too large');
    const { mailFrom, rcptTo } = session.envelope;
    const envelope = { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) };
    const mail = await parseMail(raw, envelope).catch(() => {
      throw smtpError(554, 'The mail cannot be read');
    });
    const { delayMs, dropAfterData } = fault;
    if (delayMs > 0) await setTimeout(delayMs);
    deliver(mail);
    if (!dropAfterData) return `Kept as ${mail.id}`;
    sockets.get(session.remotePort)?.destroy();
    return undefined;
  }

  // A sender that hangs up is no reason to fall; a port that is taken shows below.
  smtp.on('error', () => {});
  const { server } = smtp;
  server.on('connection', (socket) => {
    const { remotePort } = socket;
    if (remotePort === undefined) return;
    sockets.set(remotePort, socket);
    socket.once('close', () => sockets.delete(remotePort));
  });
  try {
    smtp.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    throw isSystemError(error, 'EADDRINUSE') ? takenPort(port, "the inbox's SMTP") : error;
  }
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : port,
    setFault(change) {
      fault = { ...fault, ...change };
    },
    async stop() {
      const closed = new Promise<void>((settle) => smtp.close(settle));
      // Pooled senders would keep their connections for long.
      for (const socket of sockets.values()) socket.destroy();
      await closed;
    },
  };
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

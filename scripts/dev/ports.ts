import { createServer } from 'node:net';

/** The ports of the local cinema and what each is for. */
export type Ports = Record<'PORT' | 'INBOX_PORT' | 'SMTP_PORT' | 'STRIPE_SIMULATOR_PORT' | 'POSTGRES_PORT', number>;

const DEFAULTS: Ports = {
  PORT: 8000,
  INBOX_PORT: 8025,
  SMTP_PORT: 1025,
  STRIPE_SIMULATOR_PORT: 12_111,
  POSTGRES_PORT: 54_320,
};

/** @throws when a variable is no port. */
export function readPorts(env: NodeJS.ProcessEnv): Ports {
  const read = (name: keyof Ports): number => {
    const text = env[name];
    if (text === undefined || text === '') return DEFAULTS[name];
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${name}=${text} is no port.`);
    return port;
  };
  return {
    PORT: read('PORT'),
    INBOX_PORT: read('INBOX_PORT'),
    SMTP_PORT: read('SMTP_PORT'),
    STRIPE_SIMULATOR_PORT: read('STRIPE_SIMULATOR_PORT'),
    POSTGRES_PORT: read('POSTGRES_PORT'),
  };
}

/** @throws an error that names every port that is taken, and how to choose another. */
export async function assertPortsFree(ports: Partial<Ports>): Promise<void> {
  const checks = await Promise.all(
    Object.entries(ports).map(async ([name, port]) => ((await isFree(port)) ? null : `port ${port} (${name})`)),
  );
  const taken = checks.filter((check) => check !== null);
  if (taken.length === 0) return;
  throw new Error(
    `Taken: ${taken.join(', ')}. Is the cinema running already? ` +
      `Stop what uses it, or choose another: ${taken.map((text) => `${/\((\w+)\)/.exec(text)?.[1]}=…`).join(' ')} npm start`,
  );
}

async function isFree(port: number): Promise<boolean> {
  const answers = await Promise.all(['127.0.0.1', '::1'].map((host) => canListen(port, host)));
  return answers.every(Boolean);
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

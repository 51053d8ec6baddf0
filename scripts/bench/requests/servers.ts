import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { BenchDatabase } from './database.ts';
import type { Outcome, Sent, Task } from './load.ts';
import type { Question } from './questions.ts';

/** How a server is asked: by the paths of REST, or as the SDK does it. */
export type Face = 'rest' | 'rpc' | 'rpc-single';

/** A server that is measured. Two may be the faces of one process. */
export type Server = {
  name: string;
  title: string;
  face: Face;
  url: string;
  pid: number;
  /** Cases it can't answer alike. */
  lacks: string[];
  /** Which share of the requests it is measured with: what costs ten times as much is as exact with fewer. */
  share: number;
};

/** Starts every server on the database, each in a process of its own. */
export async function startServers(database: BenchDatabase): Promise<{ servers: Server[]; stop: () => Promise<void> }> {
  const started: Child[] = [];
  const start = async (file: URL, env: NodeJS.ProcessEnv = {}) => {
    const child = await startChild(file, { ...database.env, ...env });
    started.push(child);
    return child;
  };
  // A machine that is busy elsewhere must not have it refuse what the others answer.
  const ours = {
    PROCESS: 'api',
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'warn',
    TRUST_PROXY: '1',
    OVERLOAD_DELAY_MS: '0',
  };
  try {
    const limit = await start(new URL('limit.ts', import.meta.url));
    const fastify = await start(new URL('fastify.ts', import.meta.url));
    const trpc = await start(new URL('trpc-usual.ts', import.meta.url));
    const express = await start(new URL('express.ts', import.meta.url), { NODE_ENV: 'production' });
    const cinema = await start(new URL('../server.ts', import.meta.url), { ...ours, ANSWER_MEMORY_MB: '0' });
    const remembering = await start(new URL('../server.ts', import.meta.url), ours);
    const server = (
      name: string,
      title: string,
      face: Face,
      { url, pid }: Child,
      more: Partial<Server> = {},
    ): Server => {
      return { name, title, face, url, pid, lacks: [], share: 1, ...more };
    };
    const servers = [
      server('limit', 'limit', 'rest', limit),
      server('rest', 'ours, REST', 'rest', cinema),
      server('rpc', 'ours, RPC', 'rpc', cinema),
      server('rest-memory', 'ours, REST, memory', 'rest', remembering),
      server('rpc-memory', 'ours, RPC, memory', 'rpc', remembering),
      server('fastify', 'Fastify + pg', 'rest', fastify),
      server('trpc', 'tRPC, usual', 'rpc-single', trpc),
      server('express', 'Express + TypeORM', 'rest', express, { lacks: ['search'], share: 0.25 }),
    ];
    return { servers, stop: async () => void (await Promise.all(started.map((child) => child.stop()))) };
  } catch (error) {
    await Promise.all(started.map((child) => child.stop()));
    throw error;
  }
}

type Child = { url: string; pid: number; stop: () => Promise<void> };

async function startChild(file: URL, env: NodeJS.ProcessEnv): Promise<Child> {
  const child = fork(file, {
    env: { PATH: process.env['PATH'], ...env },
    // What it logs is no part of the table.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const exited = once(child, 'exit');
  const url = await Promise.race([
    once(child, 'message').then(([message]) => String(message)),
    exited.then(() => Promise.reject(new Error(`${file.pathname} did not start.`))),
  ]);
  return {
    url,
    pid: child.pid ?? 0,
    async stop() {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}

/** A process that sends questions: what it sends costs the servers no CPU of theirs. */
export type Load = {
  send(server: Server, lists: Question[][], keep?: boolean): Promise<{ elapsedMs: number; bodies: string[][] }>;
  stop(): void;
};

/** Starts the load. */
export function startLoad(): Load {
  const child = fork(new URL('load.ts', import.meta.url), {
    // What it logs is no part of the table.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  return {
    async send(server, lists, keep = false) {
      const task: Task = {
        origin: server.url,
        lists: lists.map((list) => list.map((each) => toSent(server, each))),
        keep,
      };
      child.send(task);
      const [outcome] = (await once(child, 'message')) as [Outcome];
      if ('fault' in outcome) throw new Error(`${server.title}: ${outcome.fault}`);
      return outcome;
    },
    stop: () => child.disconnect(),
  };
}

let networks = 0;

function toSent({ face }: Server, { procedure, type, input, method, path, token }: Question): Sent {
  const json = JSON.stringify(face === 'rest' ? input : { json: input });
  // The limit of logins is one of networks: each comes from another.
  networks += 1;
  const headers = {
    'x-forwarded-for': `10.${(networks >> 16) & 255}.${(networks >> 8) & 255}.${networks & 255}`,
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const withBody = { headers: { ...headers, 'content-type': 'application/json' }, body: json };
  if (face === 'rest') {
    if (method === 'POST') return { method, path: `/api/v1${path}`, ...withBody };
    const query =
      path === '/movies'
        ? `?${new URLSearchParams(Object.entries(input).map(([name, value]) => [name, String(value)]))}`
        : '';
    return { method, path: `/api/v1${path}${query}`, headers };
  }
  if (type === 'mutation') return { method: 'POST', path: `/trpc/${procedure}`, ...withBody };
  const query =
    face === 'rpc' ? `batch=1&input=${encodeURIComponent(`{"0":${json}}`)}` : `input=${encodeURIComponent(json)}`;
  return { method: 'GET', path: `/trpc/${procedure}?${query}`, headers };
}

/** What a body answers, whichever face it comes from. */
export function readAnswer({ face }: Server, body: string): unknown {
  if (body === '') return null;
  const parsed: unknown = JSON.parse(body);
  if (face === 'rest') return parsed;
  const [envelope] = [parsed].flat() as { result: { data: { json?: unknown } } }[];
  return envelope?.result.data.json ?? null;
}

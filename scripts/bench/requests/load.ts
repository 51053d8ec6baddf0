/** The load: sends what the parent process gives it, each list over a connection of its own, and tells how long it took. */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';

/** A request as it is sent. */
export type Sent = { method: string; path: string; headers: Record<string, string>; body?: string };
/** What to send, and whether the answers are wanted. */
export type Task = { origin: string; lists: Sent[][]; keep: boolean };
/** What became of a {@link Task}: the bodies, where they were wanted, list by list. */
export type Outcome = { elapsedMs: number; bodies: string[][] } | { fault: string };

process.on('message', (task: Task) => {
  run(task).then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => process.send?.({ fault: String(error) } satisfies Outcome),
  );
});

async function run({ origin, lists, keep }: Task): Promise<Outcome> {
  const startedAt = performance.now();
  const bodies = await Promise.all(lists.map((list) => sendAll(origin, list)));
  return { elapsedMs: performance.now() - startedAt, bodies: keep ? bodies : [] };
}

async function sendAll(origin: string, list: Sent[]): Promise<string[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const bodies: string[] = [];
  for (const each of list) bodies.push(await send(origin, each, agent));
  agent.destroy();
  return bodies;
}

async function send(origin: string, { method, path, headers, body }: Sent, agent: Agent): Promise<string> {
  const sending = request(`${origin}${path}`, { method, headers, agent });
  sending.end(body);
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk;
  const status = answer.statusCode ?? 0;
  if (status < 200 || status > 299) throw new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`);
  return text;
}

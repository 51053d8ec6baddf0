import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/** Something between the cinema and Stripe. It hands on what is asked and answered. */
export type HeldAnswers = AsyncDisposable & {
  url: string;
  /** Lets Stripe do the next call that begins so, keeps the answer back for ever, and resolves when it is there. */
  hold(call: string): Promise<void>;
};

/** Starts something that can keep Stripe's answers back once Stripe has done what it was asked. */
export async function holdAnswers(stripeUrl: string): Promise<HeldAnswers> {
  let held: { call: string; resolve: () => void } | undefined;
  const handOn = async (request: IncomingMessage, response: ServerResponse) => {
    const { authorization = '', 'content-type': type = '', 'idempotency-key': key } = request.headers;
    const body = await text(request);
    const answer = await fetch(`${stripeUrl}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { authorization, 'content-type': type, ...(typeof key === 'string' && { 'idempotency-key': key }) },
      ...(body !== '' && { body }),
    });
    const said = await answer.text();
    if (held && `${request.method} ${request.url}`.startsWith(held.call)) {
      held.resolve();
      held = undefined;
    } else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(said);
  };
  const server = createServer((request, response) => {
    handOn(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    hold: (call) => new Promise((resolve) => (held = { call, resolve })),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

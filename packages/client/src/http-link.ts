import type { Operation, TRPCLink } from '@trpc/client';
import { openEnvelope, readEnvelopes } from './answers.ts';
import { fromPromise } from './calls.ts';
import { addressOf, fetchText, headersOf, mutationOf, type RequestOptions } from './requests.ts';
import { type CinemaRouter, IN_PIECES } from './router.gen.ts';
import { abortError, onAbort } from './signals.ts';

/** The most calls the cinema takes in one request. */
const MAX_BATCH_SIZE = 10;
/** Longer addresses are refused by common proxies: what does not fit goes in the next request. */
const MAX_URL_LENGTH = 7_000;

type Waiting = { op: Operation; resolve: (answer: Answer) => void; reject: (error: unknown) => void };
type Answer = { result: { type: 'data'; data: unknown }; context: { response: Response } };

/** Sends the queries made at the same time together, and every mutation alone: tRPC's protocol over `fetch`. */
export function httpLink(options: RequestOptions): TRPCLink<CinemaRouter> {
  const { url } = options;
  let waiting: Waiting[] = [];

  return () =>
    ({ op }) =>
      fromPromise(() => {
        const restPath = IN_PIECES.get(op.path);
        if (restPath !== undefined) return readPieces(op, restPath);
        return op.type === 'query' ? enqueue(op) : mutate(op);
      });

  async function readPieces(op: Operation, restPath: string): Promise<Answer> {
    const { fetchPieces } = await import('./pieces.ts');
    const { response, pieces } = await fetchPieces(options, op, restPath);
    return toAnswer(pieces, response);
  }

  async function mutate(op: Operation): Promise<Answer> {
    const { address, body, type } = mutationOf(url, op);
    const headers = { 'content-type': type, ...(await headersOf(options.headers, op.context)) };
    const signal = op.signal ?? new AbortController().signal;
    const { response, text } = await fetchText(options, address, { method: 'POST', headers, body, signal });
    const [envelope = {}] = readEnvelopes(response, text, 1);
    return toAnswer(openEnvelope(envelope, response), response);
  }

  function enqueue(op: Operation): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (waiting.push({ op, resolve, reject }) === 1) setTimeout(sendWaiting);
    });
  }

  function sendWaiting(): void {
    const batches: Waiting[][] = [];
    for (const each of waiting) {
      const batch = batches[batches.length - 1];
      if (batch && mayShare(batch, each)) batch.push(each);
      else batches.push([each]);
    }
    waiting = [];
    for (const batch of batches) void send(batch);
  }

  // One batch has one token: the calls of different sessions must not share one.
  function mayShare(batch: Waiting[], { op }: Waiting): boolean {
    const ops = [...batch.map((each) => each.op), op];
    if (ops.length > MAX_BATCH_SIZE || ops[0]?.context['sessionId'] !== op.context['sessionId']) return false;
    return addressOf(url, ops).length <= MAX_URL_LENGTH;
  }

  async function send(batch: Waiting[]): Promise<void> {
    const ops = batch.map(({ op }) => op);
    const controller = new AbortController();
    let left = batch.length;
    const stops = batch.map(({ op: { signal }, reject }) =>
      onAbort(signal, () => {
        reject(abortError(signal ?? controller.signal));
        if (--left === 0) controller.abort();
      }),
    );
    try {
      if (left === 0) return;
      // Of the last one: its token may be newer.
      const headers = await headersOf(options.headers, ops[ops.length - 1]?.context ?? {});
      const init = { headers, signal: controller.signal };
      const { response, text } = await fetchText(options, addressOf(url, ops), init);
      const envelopes = readEnvelopes(response, text, batch.length);
      batch.forEach(({ resolve, reject }, index) => {
        try {
          resolve(toAnswer(openEnvelope(envelopes[index] ?? {}, response), response));
        } catch (error) {
          reject(error);
        }
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      for (const stop of stops) stop();
    }
  }
}

function toAnswer(data: unknown, response: Response): Answer {
  return { result: { type: 'data', data }, context: { response } };
}

import type { Operation } from '@trpc/client';
import { openEnvelope, readEnvelopes } from './answers.ts';
import { toConnectionError } from './errors.ts';
import { headersOf, type RequestOptions } from './requests.ts';
import { joinSignals } from './signals.ts';

/**
 * Asks for what is answered in pieces, as they are made: by its REST face, which sends just these. It waits for no end;
 * who stops reading ends the request.
 */
export async function fetchPieces(
  { url, fetch, headers }: RequestOptions,
  { path, input, context, signal }: Operation,
  restPath: string,
): Promise<{ response: Response; pieces: AsyncIterable<string> }> {
  const { controller } = joinSignals([signal]);
  const response = await (fetch ?? globalThis.fetch)(addressOf(url, restPath, input), {
    headers: await headersOf(headers, context),
    signal: controller.signal,
  }).catch((error: unknown) => {
    throw controller.signal.aborted ? error : toConnectionError(error);
  });
  if (response.ok) return { response, pieces: response.body ? decode(response.body) : whole(response) };
  const [refusal = {}] = readEnvelopes(response, await response.text(), 1);
  throw new Error(`${path} sent no pieces.`, { cause: openEnvelope(refusal, response) });
}

function addressOf(url: string, restPath: string, input: unknown): string {
  const address = new URL(url.replace(/trpc$/, `api/v1${restPath}`));
  for (const [name, value] of Object.entries(input ?? {})) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined)
        address.searchParams.append(name, each instanceof Date ? each.toISOString() : String(each));
    }
  }
  return address.href;
}

// React Native can't read an answer before its end.
async function* whole(response: Response): AsyncGenerator<string, void, undefined> {
  yield await response.text();
}

async function* decode(body: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      yield decoder.decode(next.value, { stream: true });
    }
  } finally {
    await reader.cancel();
  }
}

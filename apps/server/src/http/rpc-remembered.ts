import type { FastifyRequest } from 'fastify';
import superjson, { type SuperJSONResult } from 'superjson';
import { type AnswerMemory, keyOf } from '../lib/answer-memory.ts';
import { metaOf } from './rest.ts';

/**
 * Finds the answer to a request over RPC whose calls are all remembered: the paths it calls, and the body. Null: the
 * procedures are to be asked. It spares what tRPC does around them, which then costs more than they do.
 */
export function recallCalls(
  request: FastifyRequest,
  { answers, maxBatchSize }: { answers: AnswerMemory; maxBatchSize: number },
): { paths: string[]; body: Buffer } | null {
  const { method, headers } = request;
  if (method !== 'GET' || headers.authorization !== undefined) return null;
  // Who takes an answer in pieces is not answered whole.
  if (headers['trpc-accept'] !== undefined || headers.accept?.includes('jsonl')) return null;
  const { path } = request.params as { path: string };
  const { batch, input } = request.query as Record<string, unknown>;
  if (batch === undefined) {
    const body = recallCall(path, parse(input), answers);
    return body && { paths: [path], body };
  }
  const paths = path.split(',');
  const inputs = input === undefined ? {} : parse(input);
  if (batch !== '1' || paths.length > maxBatchSize || !isRecord(inputs)) return null;
  const pieces: Buffer[] = [];
  for (const [index, each] of paths.entries()) {
    const body = recallCall(each, inputs[String(index)], answers);
    if (body === null) return null;
    pieces.push(index === 0 ? OPENING : COMMA, body);
  }
  return { paths, body: Buffer.concat([...pieces, CLOSING]) };
}

const OPENING = Buffer.from('[');
const COMMA = Buffer.from(',');
const CLOSING = Buffer.from(']');

function recallCall(path: string, envelope: unknown, answers: AnswerMemory): Buffer | null {
  if (metaOf(path)?.rememberMs === undefined) return null;
  if (envelope !== undefined && !isEnvelope(envelope)) return null;
  const key = keyOf(path, envelope && open(envelope));
  return (key === null ? undefined : answers.find(key)?.rpcBody()) ?? null;
}

// Looked through before: see `assertSoundEnvelopes`.
function parse(input: unknown): unknown {
  return typeof input === 'string' ? JSON.parse(input) : undefined;
}

// What can't be opened has no name, and is refused by the procedure.
function open(envelope: SuperJSONResult): unknown {
  try {
    return superjson.deserialize(envelope);
  } catch {
    return null;
  }
}

function isEnvelope(value: unknown): value is SuperJSONResult {
  return isRecord(value) && 'json' in value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

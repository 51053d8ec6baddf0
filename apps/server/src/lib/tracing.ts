import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attributes, Context } from '@opentelemetry/api';

/** Where spans go, and which traces are recorded; `ratio` is that of the samplers that ask for one. */
export type TracingOptions = { endpoint: string; sampler: Sampler | `parentbased_${Sampler}`; ratio: number };
type Sampler = 'always_on' | 'always_off' | 'traceidratio';

/** What a span begins with. It belongs to the one it begins within; names and attributes are OpenTelemetry's. */
export type SpanStart = {
  name: string;
  kind: 'server' | 'internal' | 'client' | 'consumer';
  attributes: Attributes;
  /** The W3C `traceparent` that came from outside: the trace is its one. */
  parent?: string | undefined;
  /** The W3C `traceparent` of what caused it, in a trace of its own. */
  cause?: string | undefined;
  /** How long ago it began: milliseconds. Default 0. */
  msAgo?: number;
};

/** A piece of work whose duration is told. */
export type Span = {
  set(attributes: Attributes): void;
  /** Says that it went wrong; `type` is one of a few words, never a message: those tell what is nobody's business. */
  fail(type: string): void;
  /** Does work as a part of it, and all that this waits for. */
  within<Result>(work: () => Result): Result;
  end(): void;
};

/** Tells a collector what takes how long; nobody when it is not configured. */
export type Tracing = {
  begin(start: SpanStart): Span;
  /** The `traceparent` of what is under way, for those who go on with it elsewhere; undefined: nothing is recorded. */
  traceparent(): string | undefined;
  /** Sends what is left, or gives up after some seconds. */
  close(): Promise<void>;
};

/** The span that is under way, here and in all that is waited for. */
export const activeSpan = new AsyncLocalStorage<{ context: Context; traceId: string; spanId: string }>();

/** What a line of the log says of the trace it belongs to, in the names OpenTelemetry gives such fields. */
export function traceFields(): Record<string, string> {
  const active = activeSpan.getStore();
  return active ? { trace_id: active.traceId, span_id: active.spanId } : {};
}

/** Does a piece of work in a span of its own, which fails with it. */
export async function inSpan<Result>(
  tracing: Tracing,
  start: SpanStart,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  const span = tracing.begin(start);
  try {
    return await span.within(() => work(span));
  } catch (error) {
    span.fail(typeOf(error));
    throw error;
  } finally {
    span.end();
  }
}

/** The kind of an error: its code where it has one. */
export function typeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

const nothing: Span = { set() {}, fail() {}, within: (work) => work(), end() {} };

/** Tells nobody anything. */
export const noTracing: Tracing = { begin: () => nothing, traceparent: () => undefined, close: async () => {} };

import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** A span as it was told; of its attributes their values only. */
export type ToldSpan = {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
  hasFailed: boolean;
};

/** A collector of traces that keeps what it is told. */
export type Collector = AsyncDisposable & { url: string; spans: ToldSpan[]; bodies: string[] };

/** Starts a collector of OpenTelemetry's spans: OTLP over HTTP, as JSON. */
export async function startCollector(): Promise<Collector> {
  const spans: ToldSpan[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const isRight = request.url === '/v1/traces' && request.headers['content-type'] === 'application/json';
      if (isRight) {
        bodies.push(body);
        spans.push(...readSpans(JSON.parse(body)));
      }
      response.writeHead(isRight ? 200 : 404, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    bodies,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
type Otlp = { resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[] };
type OtlpSpan = Omit<ToldSpan, 'attributes' | 'links' | 'hasFailed'> & {
  attributes: { key: string; value: Record<string, unknown> }[];
  links?: { traceId: string; spanId: string }[];
  status: { code?: number };
};

function readSpans(told: Otlp): ToldSpan[] {
  const spans = told.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans));
  return spans.map(({ attributes, links = [], status, name, kind, traceId, spanId, parentSpanId }) => ({
    name,
    kind,
    traceId,
    spanId,
    parentSpanId,
    attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    links: links.map((link) => ({ traceId: link.traceId, spanId: link.spanId })),
    hasFailed: status.code === 2,
  }));
}

import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { parseTraceParent, type ExportResult } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Log } from './log.ts';
import { activeSpan, type Tracing, type TracingOptions } from './tracing.ts';

const CLOSE_TIMEOUT_MS = 3_000;

const KINDS = {
  server: SpanKind.SERVER,
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
};

/**
 * Starts to tell a collector (OTLP over HTTP, as JSON) of spans, in batches. Nothing waits for it: spans are dropped when
 * it is away. Import it only where it is used: it brings OpenTelemetry's SDK.
 */
export function startTracing(options: TracingOptions, { log, process }: { log: Log; process: string }): Tracing {
  // What is not given here, headers of the exporter among it, they read from OpenTelemetry's own variables.
  const named = detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'online-cinema', 'cinema.process': process }).merge(named),
    sampler: samplerOf(options),
    spanProcessors: [
      new BatchSpanProcessor({ exporter: tellFailures(new OTLPTraceExporter({ url: options.endpoint }), log) }),
    ],
  });
  const tracer = provider.getTracer('online-cinema');

  return {
    begin({ name, kind, attributes, parent, cause, msAgo = 0 }) {
      const origin = parent === undefined ? null : parseTraceParent(parent);
      // What comes from outside is no part of what is under way here, whoever's connection or timer brings it.
      const within = kind === 'server' || kind === 'consumer' ? undefined : activeSpan.getStore()?.context;
      const around = origin
        ? trace.setSpanContext(ROOT_CONTEXT, { ...origin, isRemote: true })
        : (within ?? ROOT_CONTEXT);
      const causing = cause === undefined ? null : parseTraceParent(cause);
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          attributes,
          ...(causing && { links: [{ context: causing }] }),
          ...(msAgo > 0 && { startTime: Date.now() - msAgo }),
        },
        around,
      );
      const { traceId, spanId } = span.spanContext();
      return {
        set: (more) => span.setAttributes(more),
        fail: (type) => span.setAttribute('error.type', type).setStatus({ code: SpanStatusCode.ERROR }),
        within: (work) => activeSpan.run({ context: trace.setSpan(around, span), traceId, spanId }, work),
        end: () => span.end(),
      };
    },
    traceparent() {
      const active = activeSpan.getStore();
      const span = active && trace.getSpan(active.context);
      return span?.isRecording() ? `00-${active?.traceId}-${active?.spanId}-01` : undefined;
    },
    async close() {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error(`not within ${CLOSE_TIMEOUT_MS} ms`)), CLOSE_TIMEOUT_MS);
      await Promise.race([provider.shutdown(), late])
        .catch((error: unknown) => log.warn({ err: error }, 'the collector of traces did not take the last spans'))
        .finally(() => clearTimeout(timer));
    },
  };
}

function samplerOf({ sampler, ratio }: TracingOptions): Sampler {
  if (sampler === 'always_on') return new AlwaysOnSampler();
  if (sampler === 'always_off') return new AlwaysOffSampler();
  if (sampler === 'traceidratio') return new TraceIdRatioBasedSampler(ratio);
  if (sampler === 'parentbased_always_on') return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  if (sampler === 'parentbased_always_off') return new ParentBasedSampler({ root: new AlwaysOffSampler() });
  return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
}

// Once when it begins: a collector that is away would fill the log.
function tellFailures(exporter: SpanExporter, log: Log): SpanExporter {
  let isFailing = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result: ExportResult) => {
        if (result.error && !isFailing) log.warn({ err: result.error }, 'the collector of traces takes no spans');
        if (!result.error && isFailing) log.info('the collector of traces takes spans again');
        isFailing = result.error !== undefined;
        done(result);
      });
    },
    shutdown: async () => await exporter.shutdown(),
  };
}

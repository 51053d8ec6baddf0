import { STATUS_CODES } from 'node:http';
import { ERRORS } from '@online-cinema/contract/errors';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { TRPCError } from '@trpc/server';
import { generateOpenApiDocument } from 'trpc-to-openapi';
import { appRouter } from '../router.ts';
import { listRestProcedures, REST_PREFIX, type RestProcedure } from './rest.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** Describes the REST face as an OpenAPI 3.1 document: the package's, with what it gets wrong put right. */
export function createOpenApiDocument(publicUrl: string): JsonObject {
  const generated = generateOpenApiDocument(appRouter, {
    title: 'Online Cinema',
    version: '1.0.0',
    description: 'Choose, buy and watch films. The same procedures the TypeScript client calls.',
    baseUrl: `${publicUrl}${REST_PREFIX}`,
    openApiVersion: '3.1.0',
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  });
  // Plain JSON from here on: what the generator shares between operations must not be mended twice.
  const document = JSON.parse(JSON.stringify(generated)) as JsonObject;
  for (const procedure of listRestProcedures()) mendOperation(operationOf(document, procedure), procedure);
  const components = asObject(document['components']);
  const schemas = asObject(components['schemas']);
  delete components['responses'];
  for (const name of Object.keys(schemas)) if (name.startsWith('error.')) delete schemas[name];
  schemas['Problem'] = PROBLEM;
  components['schemas'] = schemas;
  document['components'] = components;
  mendSchemas(document);
  return document;
}

function operationOf(document: JsonObject, { meta }: RestProcedure): JsonObject {
  const path = asObject(asObject(document['paths'])[meta.openapi.path]);
  return asObject(path[meta.openapi.method.toLowerCase()]);
}

function mendOperation(operation: JsonObject, { path, meta, input }: RestProcedure): void {
  const status = String(meta.status ?? 200);
  const success = asObject(asObject(operation['responses'])['200']);
  operation['operationId'] = path;
  operation['tags'] = [path.split('.')[0] ?? path];
  operation['security'] = meta.role ? [{ bearer: [] }] : [];
  if (input === undefined) delete operation['requestBody'];
  operation['responses'] = {
    [status]: {
      description: STATUS_CODES[status] ?? 'OK',
      headers: HEADERS,
      ...(status !== '204' && success['content'] !== undefined && { content: success['content'] }),
    },
    default: {
      description: 'A refusal; `reason` says which.',
      headers: HEADERS,
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  };
}

const HEADERS: JsonObject = {
  'x-request-id': { description: 'Names this request in the logs.', schema: { type: 'string' } },
};

const PROBLEM: JsonObject = {
  type: 'object',
  description: 'RFC 9457. More members say what a client needs to go on; they depend on the reason.',
  required: ['type', 'title', 'status', 'detail', 'reason', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer', enum: [...new Set(Object.values(ERRORS).map(statusOf))].sort((a, b) => a - b) },
    detail: { type: 'string' },
    reason: { type: 'string', enum: Object.keys(ERRORS) },
    requestId: { type: 'string' },
    issues: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'array', items: { type: ['string', 'integer'] } },
          message: { type: 'string' },
        },
      },
    },
  },
};

function statusOf([code]: (typeof ERRORS)[keyof typeof ERRORS]): number {
  return getHTTPStatusCodeFromError(new TRPCError({ code }));
}

// Dates come without their format; formats with a pattern beside them that says the same at length; and answers
// forbid what a later version may add.
function mendSchemas(value: Json): void {
  if (Array.isArray(value)) {
    value.forEach(mendSchemas);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (typeof value['format'] === 'string' && ['uuid', 'date', 'date-time'].includes(value['format'])) delete value['pattern'];
  Object.values(value).forEach(mendSchemas);
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

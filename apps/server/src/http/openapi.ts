import { STATUS_CODES } from 'node:http';
import { ERRORS, type ErrorReason } from '@online-cinema/contract/errors';
import { generateOpenApiDocument } from 'trpc-to-openapi';
import { z } from 'zod';
import { statusOf } from '../lib/problems.ts';
import { appRouter } from '../router.ts';
import type { BinaryBody } from '../trpc.ts';
import { listRestProcedures, REST_PREFIX, type RestProcedure } from './rest.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

/** Describes the REST face as an OpenAPI 3.1 document: the package's, with what it gets wrong put right. */
export function createOpenApiDocument(): JsonObject {
  const generated = generateOpenApiDocument(appRouter, {
    title: 'Online Cinema',
    version: '1.0.0',
    description: 'Choose, buy and watch films. The same procedures the TypeScript client calls.',
    // Relative: the document is good wherever the cinema is.
    baseUrl: REST_PREFIX,
    openApiVersion: '3.1.0',
    securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
  });
  // Plain JSON from here on: what the generator shares between operations must not be mended twice.
  const document = JSON.parse(JSON.stringify(generated)) as JsonObject;
  openAnswers(document);
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
  operation['security'] = meta.role ? [{ bearer: [] }] : meta.viewer ? [{}, { bearer: [] }] : [];
  mendInput(operation, input);
  if (meta.binary) describeBytes(operation, meta.binary, input);
  operation['responses'] = {
    [status]: {
      description: STATUS_CODES[status] ?? 'OK',
      headers: HEADERS,
      ...(status !== '204' && success['content'] !== undefined && { content: success['content'] }),
    },
    default: {
      description: 'A refusal; `reason` says which.',
      headers: { ...HEADERS, ...RETRY_HEADERS },
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  };
}

// The generator unwraps optional fields and loses what is said about them, and that unknown ones are refused. zod's own
// schema has both.
function mendInput(operation: JsonObject, input: z.ZodType | undefined): void {
  if (input === undefined) {
    delete operation['requestBody'];
    return;
  }
  const fields = asObject(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }).properties as Json);
  for (const each of asArray(operation['parameters'])) {
    const parameter = asObject(each);
    const { description, ...schema } = asObject(fields[parameter['name'] as string]);
    parameter['schema'] = schema;
    if (description !== undefined) parameter['description'] = description;
  }
  const body = asObject(operation['requestBody']);
  const media = asObject(asObject(body['content'])['application/json']);
  const schema = asObject(media['schema']);
  const named = asObject(schema['properties']);
  for (const name of Object.keys(named)) named[name] = fields[name] ?? named[name]!;
  if (Object.keys(named).length === 0) delete operation['requestBody'];
  else media['schema'] = { ...schema, additionalProperties: false };
  body['required'] = asArray(schema['required']).length > 0;
}

// The body is one field, as bytes of any of its types; what does not stand in the path stands in the query.
function describeBytes(operation: JsonObject, { field, contentTypes }: BinaryBody, input: z.ZodType | undefined): void {
  const json = asObject(input && (z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Json));
  const inPath = asArray(operation['parameters']);
  const known = [field, ...inPath.map((each) => asObject(each)['name'])];
  const inQuery = Object.entries(asObject(json['properties'])).filter(([name]) => !known.includes(name));
  const parameters = [
    ...inPath,
    ...inQuery.map(([name, schema]) => ({
      in: 'query',
      name,
      schema,
      ...(asArray(json['required']).includes(name) && { required: true }),
    })),
  ];
  if (parameters.length > 0) operation['parameters'] = parameters;
  const media = { schema: { type: 'string', format: 'binary' } };
  operation['requestBody'] = {
    required: true,
    content: Object.fromEntries(contentTypes.map((type) => [type, media])),
  };
}

const HEADERS: JsonObject = {
  'x-request-id': { description: 'Names this request in the logs.', schema: { type: 'string' } },
};

const RETRY_HEADERS: JsonObject = {
  'retry-after': { description: 'With 429 and 503: when to try again, in seconds.', schema: { type: 'integer' } },
};

const REASONS = Object.keys(ERRORS) as ErrorReason[];

const PROBLEM: JsonObject = {
  type: 'object',
  description: 'RFC 9457. More members say what a client needs to go on; they depend on the reason.',
  required: ['type', 'title', 'status', 'detail', 'reason', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer', enum: [...new Set(REASONS.map(statusOf))].sort((a, b) => a - b) },
    detail: { type: 'string' },
    reason: { type: 'string', enum: REASONS },
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

// Patterns that say at length what the format beside them says, and the bounds of JavaScript's integers.
function mendSchemas(value: Json): void {
  if (Array.isArray(value)) {
    value.forEach(mendSchemas);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (typeof value['format'] === 'string' && ['uuid', 'date', 'date-time'].includes(value['format']))
    delete value['pattern'];
  if (value['minimum'] === Number.MIN_SAFE_INTEGER) delete value['minimum'];
  if (value['maximum'] === Number.MAX_SAFE_INTEGER) delete value['maximum'];
  Object.values(value).forEach(mendSchemas);
}

// An answer may gain fields in a later version; only inputs are closed.
function openAnswers(value: Json): void {
  if (Array.isArray(value)) value.forEach(openAnswers);
  else if (typeof value === 'object' && value !== null) {
    if (value['additionalProperties'] === false) delete value['additionalProperties'];
    Object.values(value).forEach(openAnswers);
  }
}

function asArray(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

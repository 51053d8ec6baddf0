import { STATUS_CODES } from 'node:http';
import type { Role } from '@online-cinema/contract/roles';
import { generateOpenApiDocument } from 'trpc-to-openapi';
import { appRouter } from '../router.ts';
import type { TextFile } from '../trpc.ts';
import { CACHE_HEADERS, COMMON_HEADERS, HEADERS, LOCATION_HEADER, parameter, PARAMETERS } from './openapi-headers.ts';
import { exampleOf } from './openapi-examples.ts';
import { describeBytes, mendInput } from './openapi-inputs.ts';
import { asArray, asObject, type JsonObject } from './openapi-json.ts';
import { createRefusalAnswers } from './openapi-refusals.ts';
import { mendSchemas, openAnswers } from './openapi-schemas.ts';
import { TAGS } from './openapi-tags.ts';
import { API_VERSION } from './openapi-version.gen.ts';
import { isPublicRead } from './public-reads.ts';
import { listRestProcedures, REST_PREFIX, type RestProcedure } from './rest.ts';

/** Describes the REST face as an OpenAPI 3.1 document: the package's, with what it gets wrong put right. */
export function createOpenApiDocument(): JsonObject {
  const generated = generateOpenApiDocument(appRouter, {
    title: 'Online Cinema',
    version: API_VERSION,
    // Relative: the document is good wherever the cinema is.
    baseUrl: REST_PREFIX,
    openApiVersion: '3.1.0',
  });
  // Plain JSON from here on: what the generator shares between operations must not be mended twice.
  const document = JSON.parse(JSON.stringify(generated)) as JsonObject;
  openAnswers(document);
  const procedures = listRestProcedures();
  const refusals = createRefusalAnswers(procedures);
  for (const procedure of procedures) {
    mendOperation(operationOf(document, procedure), procedure, refusals.describe(procedure));
  }
  const schemas = withoutErrors(asObject(document['components']));
  document['info'] = { ...asObject(document['info']), description: DESCRIPTION, license: LICENSE };
  document['servers'] = [{ url: REST_PREFIX, description: 'This cinema.', 'x-internal': false }];
  document['tags'] = Object.entries(TAGS).map(([name, description]) => ({ name, description }));
  document['components'] = {
    securitySchemes: { bearer: BEARER },
    headers: HEADERS,
    parameters: PARAMETERS,
    responses: refusals.components.responses,
    schemas: { ...schemas, ...refusals.components.schemas },
  };
  mendSchemas(document);
  asObject(document['components'])['examples'] = showAnswers(
    procedures.map((each) => operationOf(document, each)),
    schemas,
  );
  return document;
}

// The generator's own errors are not ours.
function withoutErrors(components: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(asObject(components['schemas'])).filter(([name]) => !name.startsWith('error.')),
  );
}

function operationOf(document: JsonObject, { meta }: RestProcedure): JsonObject {
  const path = asObject(asObject(document['paths'])[meta.openapi.path]);
  return asObject(path[meta.openapi.method.toLowerCase()]);
}

/** Gives every answer in JSON an example. Those of one schema share it, under the schema's name. */
function showAnswers(operations: JsonObject[], schemas: JsonObject): JsonObject {
  const answers = operations.flatMap(({ responses }) => {
    const [success] = Object.values(asObject(responses));
    const content = asObject(asObject(success)['content']);
    return content['application/json'] === undefined ? [] : [asObject(content['application/json'])];
  });
  const examples = answers.map((answer): [string, JsonObject] => {
    const { $ref } = asObject(answer['schema']);
    const name = typeof $ref === 'string' ? ($ref.split('/').at(-1) ?? '') : '';
    answer['examples'] = { [name]: { $ref: `#/components/examples/${name}` } };
    return [name, { value: exampleOf(asObject(answer['schema']), '', schemas) ?? null }];
  });
  return Object.fromEntries(examples);
}

function mendOperation(operation: JsonObject, procedure: RestProcedure, refusals: JsonObject): void {
  const { path, type, meta, input } = procedure;
  const success = asObject(asObject(operation['responses'])['200']);
  const isPublic = isPublicRead({ type, meta });
  operation['operationId'] = path;
  operation['tags'] = [path.split('.')[0] ?? path];
  operation['description'] = describe(procedure);
  operation['security'] = meta.role ? [{ bearer: [] }] : meta.viewer ? [{}, { bearer: [] }] : [];
  mendInput(operation, input);
  if (meta.binary) describeBytes(operation, meta.binary, input);
  const more = [
    meta.idempotent ? parameter('IdempotencyKey') : [],
    meta.exportedBy === undefined ? [] : FORMAT,
    isPublic ? parameter('IfNoneMatch') : [],
  ].flat();
  if (more.length > 0) operation['parameters'] = [...asArray(operation['parameters']), ...more];
  const content = contentOf(meta, success['content'] === undefined ? undefined : asObject(success['content']));
  const status = String(meta.status ?? 200);
  operation['responses'] = {
    [status]: {
      description: STATUS_CODES[status] ?? 'OK',
      headers: {
        ...COMMON_HEADERS,
        ...(meta.location !== undefined && LOCATION_HEADER),
        ...(isPublic && CACHE_HEADERS),
      },
      ...(status !== '204' && content !== undefined && { content }),
    },
    ...(isPublic && {
      304: {
        description: 'What `If-None-Match` names is still so.',
        headers: { ...COMMON_HEADERS, ...CACHE_HEADERS },
      },
    }),
    ...refusals,
  };
}

function describe({ path, type, meta }: RestProcedure): string {
  const call = `In the TypeScript client: \`cinema.${path}.${type === 'query' ? 'query' : 'mutate'}\`.`;
  return [meta.openapi.description, meta.role && WHO[meta.role], call].filter(Boolean).join('\n\n');
}

function contentOf(meta: RestProcedure['meta'], json: JsonObject | undefined): JsonObject | undefined {
  if (meta.file) return describeFile(meta.file);
  if (!meta.views) return meta.exportedBy === undefined ? json : { ...json, ...CSV_CONTENT };
  const types = meta.views.map(({ contentType }) => contentType.split(';')[0] ?? contentType);
  return { ...json, ...Object.fromEntries(types.map((each) => [each, { schema: schemaOf(each) }])) };
}

function schemaOf(contentType: string): JsonObject {
  return { type: 'string', ...(!contentType.startsWith('text/') && { format: 'binary' }) };
}

function describeFile({ contentTypes }: TextFile): JsonObject {
  return Object.fromEntries(Object.values(contentTypes).map((type) => [type, { schema: { type: 'string' } }]));
}

const DESCRIPTION = `Choose, buy and watch films. The same procedures the TypeScript client calls.

- Moments are ISO 8601, amounts stand in the currency's minor unit, ids are UUIDs; a film goes by its id or its slug.
- Lists answer a page: ask on with \`nextCursor\` until it is null.
- Refusals are RFC 9457: branch on \`reason\`. Answers may gain fields; inputs with unknown ones are refused.
- Not in here: \`/media-uploads\`, which takes large films in parts by tus 1.0; \`/media/…\`, the addresses that playing gives,
  which take \`Range\`; \`/trpc/notifications.onNew\`, a stream of events opened with a ticket.`;

const LICENSE: JsonObject = { name: 'MIT', identifier: 'MIT' };

const BEARER: JsonObject = {
  type: 'http',
  scheme: 'bearer',
  bearerFormat: 'JWT',
  description:
    'The access token of a sign-in: a JWT of RFC 9068, signed with EdDSA and checked as RFC8725 wants it. Its keys stand at `/.well-known/jwks.json`.',
};

const WHO = {
  user: 'Needs a session.',
  moderator: 'For moderators and admins.',
  admin: 'For admins.',
} satisfies Record<Role, string>;

const FORMAT: JsonObject = {
  in: 'query',
  name: 'format',
  description: 'csv: all of it as a file, without `limit` and `cursor`; so does `Accept: text/csv`.',
  schema: { type: 'string', enum: ['json', 'csv'], default: 'json' },
};

const CSV_CONTENT: JsonObject = { 'text/csv; charset=utf-8': { schema: { type: 'string' } } };

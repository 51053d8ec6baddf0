import { readFile } from 'node:fs/promises';
import { ERRORS } from '@online-cinema/contract/errors';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { createOpenApiDocument } from './openapi.ts';
import { listRestProcedures } from './rest.ts';

type Schema = { [key: string]: unknown };
type Media = Record<string, { schema: Schema }>;
type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  security: object[];
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { required?: boolean; content: Media };
  responses: Record<string, { description: string; content?: Media; headers?: object }>;
};
type Document = {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, object> };
};

const document = createOpenApiDocument() as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const procedures = listRestProcedures();

function operationOf({ meta }: (typeof procedures)[number]): Operation | undefined {
  return document.paths[meta.openapi.path]?.[meta.openapi.method.toLowerCase()];
}

test('it is an OpenAPI 3.1 document that is good wherever the cinema is', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d$/);
  expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
  expect(document.servers).toEqual([{ url: '/api/v1' }]);
  expect(Object.keys(document).toSorted()).toEqual(['components', 'info', 'openapi', 'paths', 'servers'].toSorted());
});

test('every procedure with a REST face is in it, and nothing else', () => {
  expect(procedures.length).toBeGreaterThan(20);
  expect(operations.map(({ operation }) => operation.operationId).toSorted()).toEqual(
    procedures.map(({ path }) => path).toSorted(),
  );
});

describe.for(procedures.map((procedure) => [procedure.path, procedure] as const))('%s', ([path, procedure]) => {
  const operation = operationOf(procedure);

  test('has its name, its sentence and its tag', () => {
    expect(operation).toMatchObject({ operationId: path, tags: [path.split('.')[0]] });
    expect(operation?.summary).toMatch(/^\p{Lu}.{5,}[^.]$/u);
  });

  test('tells the status it answers with, and how it refuses', () => {
    const status = String(procedure.meta.status ?? 200);
    expect(Object.keys(operation?.responses ?? {})).toEqual([status, 'default']);
    const success = operation?.responses[status];
    expect(Object.keys(success?.content ?? {})).toEqual(status === '204' ? [] : ['application/json']);
    expect(operation?.responses['default']?.content).toEqual({
      'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } },
    });
  });

  test('tells whether one must be signed in, or may be', () => {
    const { role, viewer } = procedure.meta;
    expect(operation?.security).toEqual(role ? [{ bearer: [] }] : viewer ? [{}, { bearer: [] }] : []);
  });

  test('names every part of its path, and every other field once', () => {
    const inPath = [...procedure.meta.openapi.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = operation?.parameters ?? [];
    expect(parameters.filter((each) => each.in === 'path').map((each) => [each.name, each.required])).toEqual(
      inPath.map((name) => [name, true]),
    );
    const { requestBody } = operation ?? {};
    const properties = requestBody?.content['application/json']?.schema['properties'] ?? {};
    const fields = [...parameters.map(({ name }) => name), ...Object.keys(properties)];
    expect(fields).toEqual([...new Set(fields)]);
    const hasBody = requestBody !== undefined;
    expect(hasBody && ['GET', 'DELETE'].includes(procedure.meta.openapi.method)).toBe(false);
    const { binary } = procedure.meta;
    const isClosed = hasBody && !binary ? false : undefined;
    expect(requestBody?.content['application/json']?.schema['additionalProperties']).toBe(isClosed);
  });

  test('tells which types of bytes it takes, and no field for them', () => {
    const { binary } = procedure.meta;
    const content = operation?.requestBody?.content ?? {};
    const bytes = Object.keys(content).filter((type) => content[type]?.schema['format'] === 'binary');
    expect(bytes).toEqual(binary?.contentTypes ?? []);
    expect(operation?.parameters?.map(({ name }) => name) ?? []).not.toContain(binary?.field);
  });
});

test('every reference leads somewhere, and every component is used', () => {
  const references = new Set(collect(document, '$ref').map(String));
  for (const reference of references) {
    const found = reference
      .split('/')
      .slice(1)
      .reduce<unknown>((value, key) => (value as Schema | undefined)?.[key], document);
    expect(found, reference).toBeTypeOf('object');
  }
  const used = [...references].map((reference) => reference.replace('#/components/schemas/', ''));
  expect(Object.keys(document.components.schemas).toSorted()).toEqual(used.toSorted());
  const schemes = new Set(operations.flatMap(({ operation }) => operation.security.flatMap(Object.keys)));
  expect([...schemes]).toEqual(Object.keys(document.components.securitySchemes));
});

test('every schema is one of JSON Schema 2020-12', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
  addFormats.default(ajv);
  ajv.addVocabulary(['example']);
  for (const name of ['components', 'openapi', 'info', 'servers', 'paths']) ajv.addKeyword(name);
  ajv.addSchema(document, 'openapi');
  const schemas = operations.flatMap(({ path, method, operation }) => {
    const base = `#/paths/${escapePointer(path)}/${method}`;
    return [
      ...(operation.parameters ?? []).map((_, index) => `${base}/parameters/${index}/schema`),
      ...Object.keys(operation.requestBody?.content ?? {}).map(
        (type) => `${base}/requestBody/content/${escapePointer(type)}/schema`,
      ),
      ...Object.entries(operation.responses).flatMap(([status, { content = {} }]) =>
        Object.keys(content).map((type) => `${base}/responses/${status}/content/${escapePointer(type)}/schema`),
      ),
    ];
  });
  expect(schemas.length).toBeGreaterThan(operations.length);
  for (const pointer of schemas) expect(() => ajv.compile({ $ref: `openapi${pointer}` }), pointer).not.toThrow();
});

test('answers may gain fields; no schema of one is closed', () => {
  const answers = operations.map(({ operation }) => operation.responses);
  expect(collect([answers, document.components.schemas], 'additionalProperties')).not.toContain(false);
});

test('a refusal names every reason there is', () => {
  const { properties } = document.components.schemas['Problem'] as { properties: { reason: { enum: string[] } } };
  expect(properties.reason.enum).toEqual(Object.keys(ERRORS));
});

test('moments are moments, ids are ids, and what they look like is said once', () => {
  const schema = document.components.schemas['Movie'] as { properties: Record<string, Schema> };
  expect(schema.properties['createdAt']).toMatchObject({ type: 'string', format: 'date-time' });
  expect(schema.properties['id']).toMatchObject({ type: 'string', format: 'uuid' });
  expect(schema.properties['id']).not.toHaveProperty('pattern');
});

test('making it does not change what it is made from: it comes out the same each time', () => {
  expect(createOpenApiDocument()).toEqual(document);
});

test('docs/openapi.json is this document', async () => {
  const file = await readFile(new URL('../../../../docs/openapi.json', import.meta.url), 'utf8');
  expect(JSON.parse(file)).toEqual(document);
});

function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** Gives the values of a key, wherever it stands. */
function collect(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [...(name === key ? [item] : []), ...collect(item, key)]);
}

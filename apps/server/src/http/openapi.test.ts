import { readFile } from 'node:fs/promises';
import { ERRORS } from '@online-cinema/contract/errors';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { createOpenApiDocument } from './openapi.ts';
import { isPublicRead } from './public-reads.ts';
import { listRestProcedures } from './rest.ts';

type Schema = { [key: string]: unknown };
type Media = Record<string, { schema: Schema; example?: Schema; examples?: Record<string, Ref<{ value: unknown }>> }>;
type Operation = {
  operationId: string;
  summary: string;
  tags: string[];
  security: object[];
  parameters?: Ref<Parameter>[];
  requestBody?: { required?: boolean; content: Media };
  responses: Record<string, Ref<Answer>>;
};
type Ref<Item> = Item | { $ref: string };
type Parameter = { name: string; in: string; required?: boolean; schema: Schema };
type Answer = { description: string; content?: Media; headers?: object };
type Document = {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  tags: { name: string; description: string }[];
  components: {
    securitySchemes: Record<string, object>;
    examples: Record<string, { value: unknown }>;
    headers: Record<string, object>;
    parameters: Record<string, Parameter>;
    responses: Record<string, Answer>;
    schemas: Record<string, Schema>;
  };
};

const document = createOpenApiDocument() as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
const procedures = listRestProcedures();

function operationOf({ meta }: (typeof procedures)[number]): Operation | undefined {
  return document.paths[meta.openapi.path]?.[meta.openapi.method.toLowerCase()];
}

function resolve<Item extends object>(item: Ref<Item>): Item {
  return '$ref' in item ? (lookUp(item.$ref) as Item) : item;
}

function parametersOf(operation: Operation | undefined): Parameter[] {
  return (operation?.parameters ?? []).map(resolve);
}

test('it is an OpenAPI 3.1 document that is good wherever the cinema is', () => {
  expect(document.openapi).toMatch(/^3\.1\.\d$/);
  expect(document.info).toMatchObject({ title: expect.any(String), version: expect.any(String) });
  expect(document.servers).toMatchObject([{ url: '/api/v1' }]);
  const parts = ['components', 'info', 'openapi', 'paths', 'servers', 'tags'];
  expect(Object.keys(document).toSorted()).toEqual(parts);
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
    const responses = Object.entries(operation?.responses ?? {}).map(([key, each]) => [key, resolve(each)] as const);
    const refusals = responses.filter(([key]) => Number(key) >= 400);
    expect(responses.map(([key]) => key)).toEqual([
      status,
      ...(isPublicRead(procedure) ? ['304'] : []),
      ...refusals.map(([key]) => key),
    ]);
    const success = responses[0]?.[1];
    const { file, views = [], exportedBy } = procedure.meta;
    const types = [
      ...Object.values(file?.contentTypes ?? ['application/json']),
      ...views.map(({ contentType }) => contentType.split(';')[0]),
      ...(exportedBy === undefined ? [] : ['text/csv; charset=utf-8']),
    ];
    expect(Object.keys(success?.content ?? {})).toEqual(status === '204' ? [] : types);
    const { role, viewer } = procedure.meta;
    const always = ['400', ...(role || viewer ? ['401'] : []), '500', '503'];
    expect(refusals.map(([key]) => key)).toEqual(expect.arrayContaining(always));
    for (const [, { content }] of refusals) expect(Object.keys(content ?? {})).toEqual(['application/problem+json']);
  });

  test('tells whether one must be signed in, or may be', () => {
    const { role, viewer } = procedure.meta;
    expect(operation?.security).toEqual(role ? [{ bearer: [] }] : viewer ? [{}, { bearer: [] }] : []);
  });

  test('names every part of its path, and every other field once', () => {
    const inPath = [...procedure.meta.openapi.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const parameters = parametersOf(operation);
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
    expect(parametersOf(operation).map(({ name }) => name)).not.toContain(binary?.field);
  });
});

test('every reference leads somewhere, and every component is used', () => {
  const references = new Set(collect(document, '$ref').map(String));
  for (const reference of references) expect(lookUp(reference), reference).toBeTypeOf('object');
  const { securitySchemes: _, ...components } = document.components;
  const parts = Object.entries(components).flatMap(([kind, all]) =>
    Object.keys(all).map((name) => `#/components/${kind}/${name}`),
  );
  expect(parts.toSorted()).toEqual([...references].toSorted());
  const schemes = new Set(operations.flatMap(({ operation }) => operation.security.flatMap(Object.keys)));
  expect([...schemes]).toEqual(Object.keys(document.components.securitySchemes));
});

test('every schema is one of JSON Schema 2020-12', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
  addFormats.default(ajv);
  ajv.addVocabulary(['example', 'discriminator']);
  for (const name of ['components', 'openapi', 'info', 'servers', 'paths', 'tags']) ajv.addKeyword(name);
  ajv.addSchema(document, 'openapi');
  const schemas = operations.flatMap(({ path, method, operation }) => {
    const base = `#/paths/${escapePointer(path)}/${method}`;
    return [
      ...(operation.parameters ?? []).flatMap((each, index) =>
        '$ref' in each ? [] : `${base}/parameters/${index}/schema`,
      ),
      ...Object.keys(operation.requestBody?.content ?? {}).map(
        (type) => `${base}/requestBody/content/${escapePointer(type)}/schema`,
      ),
      ...pointersOf(operation.responses, `${base}/responses`),
    ];
  });
  schemas.push(...pointersOf(document.components.responses, '#/components/responses'));
  expect(schemas.length).toBeGreaterThan(operations.length);
  for (const pointer of schemas) expect(() => ajv.compile({ $ref: `openapi${pointer}` }), pointer).not.toThrow();
});

test('every tag says what it is about, and is used', () => {
  const used = new Set(operations.flatMap(({ operation }) => operation.tags));
  expect(document.tags.map(({ name }) => name).toSorted()).toEqual([...used].toSorted());
  for (const { description } of document.tags) expect(description).toMatch(/^\p{Lu}.*\.$/u);
});

test('the input that an operation shows as its example is one it takes', () => {
  for (const procedure of procedures) {
    const operation = operationOf(procedure);
    const example = operation?.requestBody?.content['application/json']?.example;
    if (!example) continue;
    const inPath = parametersOf(operation).filter((each) => each.in === 'path');
    const ids = inPath.map(({ name, schema }) => [name, (schema['examples'] as unknown[])[0]]);
    const result = procedure.input?.safeParse({ ...example, ...Object.fromEntries(ids) });
    expect(result?.error?.issues ?? [], procedure.path).toEqual([]);
  }
});

test('the refusals it shows as examples are as it says', () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  const answers = [
    ...operations.flatMap(({ operation }) => Object.values(operation.responses).map(resolve)),
    ...Object.values(document.components.responses),
  ];
  const media = answers.flatMap(({ content }) => content?.['application/problem+json'] ?? []);
  expect(media.length).toBeGreaterThan(50);
  for (const { schema, examples } of media) {
    const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')));
    expect(Object.keys(examples ?? {})).not.toEqual([]);
    for (const [reason, example] of Object.entries(examples ?? {})) {
      const { value } = resolve(example);
      expect(validate(value), `${reason}: ${ajv.errorsText(validate.errors)}`).toBe(true);
      expect(value).toMatchObject({ reason, detail: ERRORS[reason as keyof typeof ERRORS][1] });
    }
  }
});

test('every answer in JSON has a name, and an example that is as it says', () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'openapi');
  for (const { operation } of operations) {
    const [success] = Object.values(operation.responses).map(resolve);
    const json = success?.content?.['application/json'];
    if (!json) continue;
    expect(json.schema, operation.operationId).toEqual({
      $ref: expect.stringMatching(/^#\/components\/schemas\/\w+$/),
    });
    const examples = Object.values(json.examples ?? {}).map(resolve);
    expect(examples, operation.operationId).toHaveLength(1);
    const validate = ajv.compile({ $ref: `openapi${String(json.schema['$ref'])}` });
    for (const { value } of examples) {
      expect(validate(value), `${operation.operationId}: ${ajv.errorsText(validate.errors)}`).toBe(true);
    }
  }
});

test('what a refusal says beside its reason has its type', () => {
  const schema = JSON.stringify(document.components.schemas['PriceChangedProblem']);
  for (const field of ['oldTotal', 'newTotal']) expect(schema).toContain(`"${field}":{"type":"object"`);
  expect(resolve(document.paths['/orders']!['post']!.responses['409']!).content).toMatchObject({
    'application/problem+json': {
      schema: { oneOf: expect.arrayContaining([{ $ref: '#/components/schemas/PriceChangedProblem' }]) },
    },
  });
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

function pointersOf(responses: Record<string, Ref<Answer>>, base: string): string[] {
  return Object.entries(responses).flatMap(([name, answer]) =>
    '$ref' in answer
      ? []
      : Object.keys(answer.content ?? {}).map((type) => `${base}/${name}/content/${escapePointer(type)}/schema`),
  );
}

function lookUp(reference: string): unknown {
  const path = reference.split('/').slice(1);
  return path.reduce<unknown>((value, key) => (value as Schema | undefined)?.[key], document);
}

function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

/** Gives the values of a key, wherever it stands. */
function collect(value: unknown, key: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => [...(name === key ? [item] : []), ...collect(item, key)]);
}

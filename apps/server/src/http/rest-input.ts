import { z } from 'zod';
import { AppError } from '../lib/errors.ts';

/** Makes a procedure's input of a request's path, query and body. */
export type ReadInput = (request: {
  params: Record<string, string>;
  query: Record<string, string | string[]>;
  body: unknown;
}) => unknown;

type Kind = 'string' | 'number' | 'boolean';
type Field = { kind: Kind; isList: boolean };

/**
 * Prepares how a REST request becomes the input of a schema. Text from path and query is turned into what the schema
 * wants there; what can't be turned stays text, so that the schema refuses it with its place. The schema itself is only
 * read: it belongs to the RPC face too.
 */
export function prepareInput(schema: z.ZodType | undefined, hasBody: boolean): ReadInput {
  const fields = schema ? fieldsOf(schema) : new Map<string, Field>();
  return ({ params, query, body }) => {
    const fromPath = convertAll(params, fields);
    const given = hasBody ? asObject(body) : convertAll(query, fields);
    // Of query and body one has something to say, and without a schema nobody has.
    refuseKeys(Object.keys(hasBody ? query : asObject(body)), 'Unknown field.');
    if (!schema) refuseKeys(Object.keys(given), 'Unknown field.');
    refuseKeys(
      Object.keys(fromPath).filter((key) => Object.hasOwn(given, key)),
      'Stands in the path already.',
    );
    return schema ? { ...given, ...fromPath } : undefined;
  };
}

function fieldsOf(schema: z.ZodType): Map<string, Field> {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const entries = Object.entries(json.properties ?? {}).map(([name, property]): [string, Field] => {
    const list = kindsOf(property).find((part) => part.type === 'array');
    const value = list && typeof list.items === 'object' && !Array.isArray(list.items) ? list.items : property;
    return [name, { kind: kindOf(value), isList: list !== undefined }];
  });
  return new Map(entries);
}

type JsonSchema = Exclude<z.core.JSONSchema._JSONSchema, boolean>;

function kindsOf(schema: z.core.JSONSchema._JSONSchema): JsonSchema[] {
  if (typeof schema === 'boolean') return [];
  return schema.anyOf ? schema.anyOf.flatMap(kindsOf) : [schema];
}

function kindOf(schema: z.core.JSONSchema._JSONSchema): Kind {
  const types = kindsOf(schema).map((part) => part.type);
  if (types.includes('number') || types.includes('integer')) return 'number';
  return types.includes('boolean') ? 'boolean' : 'string';
}

function convertAll(values: Record<string, string | string[]>, fields: Map<string, Field>): Record<string, unknown> {
  // No prototype: a key named `__proto__` must arrive as a key, to be refused as one.
  const converted: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of Object.entries(values)) {
    const field = fields.get(name);
    if (!field) converted[name] = value;
    else if (field.isList) converted[name] = [value].flat().map((item) => convert(item, field.kind));
    // A value given twice where one is wanted stays a list, which the schema refuses.
    else converted[name] = Array.isArray(value) ? value : convert(value, field.kind);
  }
  return converted;
}

function convert(text: string, kind: Kind): unknown {
  if (kind === 'number' && /^-?[0-9]{1,9}(\.[0-9]+)?$/.test(text)) return Number(text);
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function asObject(body: unknown): object {
  if (body === undefined || body === null) return {};
  if (typeof body === 'object' && !Array.isArray(body)) return body;
  throw new AppError('invalid_input', { issues: [{ path: [], message: 'The body must be an object.' }] });
}

function refuseKeys(keys: string[], message: string): void {
  if (keys.length === 0) return;
  throw new AppError('invalid_input', { issues: keys.map((key) => ({ path: [key], message })) });
}

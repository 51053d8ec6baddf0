import { z } from 'zod';
import type { BinaryBody } from '../trpc.ts';
import { exampleOf } from './openapi-examples.ts';
import { asArray, asObject, type Json, type JsonObject } from './openapi-json.ts';

/**
 * Describes what an operation takes as zod says it: the generator unwraps optional fields and loses what is said about
 * them, and that unknown ones are refused.
 */
export function mendInput(operation: JsonObject, input: z.ZodType | undefined): void {
  if (input === undefined) {
    delete operation['requestBody'];
    return;
  }
  const json = asObject(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }) as Json);
  const fields = asObject(json['properties']);
  for (const each of asArray(operation['parameters'])) {
    const parameter = asObject(each);
    const { description, ...schema } = asObject(fields[parameter['name'] as string]);
    parameter['schema'] = parameter['in'] === 'query' ? asList(schema) : schema;
    const words = description ?? describeId(parameter);
    if (words !== undefined) parameter['description'] = words;
  }
  const body = asObject(operation['requestBody']);
  const media = asObject(asObject(body['content'])['application/json']);
  const schema = asObject(media['schema']);
  const named = asObject(schema['properties']);
  for (const name of Object.keys(named)) named[name] = fields[name] ?? named[name]!;
  if (Object.keys(named).length === 0) delete operation['requestBody'];
  else {
    media['schema'] = { ...schema, additionalProperties: false };
    media['example'] = asArray(json['examples'])[0] ?? exampleOf(schema) ?? {};
  }
  body['required'] = asArray(schema['required']).length > 0;
}

// A value that may be repeated is a list: what is sent once is a list of one, and a client needs no choice of types.
function asList(schema: JsonObject): JsonObject {
  const { anyOf, ...rest } = schema;
  const lists = asArray(anyOf)
    .map(asObject)
    .filter(({ type }) => type === 'array');
  return lists.length === 1 ? { ...lists[0], ...rest } : schema;
}

function describeId({ in: place, name }: JsonObject): string | undefined {
  const [, subject] = (typeof name === 'string' && /^(\w+)Id$/.exec(name)) || [];
  return place === 'path' && subject !== undefined ? `The id of the ${subject}.` : undefined;
}

/**
 * Describes an operation whose body is one of its fields, as bytes of any of its types. What does not stand in the path
 * stands in the query.
 */
export function describeBytes(
  operation: JsonObject,
  { field, contentTypes }: BinaryBody,
  input: z.ZodType | undefined,
): void {
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

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
    parameter['schema'] = schema;
    if (description !== undefined) parameter['description'] = description;
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

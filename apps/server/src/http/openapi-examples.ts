import { BY_FORMAT, BY_NAME, NAMES_OF } from './openapi-example-values.ts';
import { asArray, asObject, type Json, type JsonObject } from './openapi-json.ts';

/**
 * Gives a value a schema takes: its own example, or one that its name and type suggest. Of an object the fields that must
 * be there, or the first one where none must.
 *
 * @param schemas What the schema may refer to, by name.
 */
export function exampleOf(schema: JsonObject, name = '', schemas: JsonObject = {}): Json | undefined {
  if (typeof schema['$ref'] === 'string') {
    const target = schema['$ref'].split('/').at(-1) ?? '';
    return exampleOf(asObject(schemas[target]), target in NAMES_OF ? target : name, schemas);
  }
  const [example] = asArray(schema['examples']);
  const [choice] = asArray(schema['enum']);
  const own = example ?? schema['default'] ?? schema['const'] ?? choice;
  if (own !== undefined) return own;
  const forms = [...asArray(schema['anyOf']), ...asArray(schema['oneOf'])].map(asObject);
  // What has not happened yet: an order that is paid and canceled would puzzle its reader.
  if (forms.some(({ type }) => type === 'null') && forms.some(({ format }) => format === 'date-time')) return null;
  for (const each of forms) {
    const found = exampleOf(each, name, schemas);
    if (found !== undefined && found !== null) return found;
  }
  const types = [schema, ...forms].flatMap(({ type }) => type ?? []);
  const named = BY_NAME[name];
  if (named !== undefined && isOfType(named, types, schema)) return named;
  if (types.includes('object')) return exampleOfObject(schema, name, schemas);
  if (types.includes('null')) return null;
  const { format } = schema;
  if (typeof format === 'string' && BY_FORMAT[format] !== undefined) return BY_FORMAT[format];
  if (types.includes('array')) {
    const item = exampleOf(asObject(schema['items']), name, schemas);
    return item === undefined ? [] : [item];
  }
  if (types.includes('integer') || types.includes('number')) return schema['minimum'] ?? 1;
  return types.includes('boolean') ? true : undefined;
}

function exampleOfObject(schema: JsonObject, name: string, schemas: JsonObject): JsonObject {
  const properties = asObject(schema['properties']);
  const required = asArray(schema['required']).map(String);
  const names = required.length > 0 ? required : Object.keys(properties).slice(0, 1);
  return Object.fromEntries(
    names.flatMap((each) => {
      const own = each === 'name' ? NAMES_OF[name] : undefined;
      const value = own ?? exampleOf(asObject(properties[each]), each, schemas);
      return value === undefined ? [] : [[each, value]];
    }),
  );
}

// One name stands for a text here and for a list of names there.
function isOfType(value: Json, types: Json[], { items }: JsonObject): boolean {
  if (Array.isArray(value)) {
    return types.includes('array') && (value.length === 0 || asObject(items)['type'] === 'string');
  }
  if (typeof value === 'number') return types.includes('integer') || types.includes('number');
  return types.length === 0 || types.includes(typeof value);
}

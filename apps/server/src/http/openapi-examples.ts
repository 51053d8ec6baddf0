import { asArray, asObject, type Json, type JsonObject } from './openapi-json.ts';

/**
 * Gives a value a schema takes: its own example, or one that its name and type suggest. Of an object the fields that must
 * be there, or the first one where none must.
 */
export function exampleOf(schema: JsonObject, name = ''): Json | undefined {
  const [example] = asArray(schema['examples']);
  const [choice] = asArray(schema['enum']);
  const own = example ?? schema['default'] ?? schema['const'] ?? choice;
  if (own !== undefined) return own;
  for (const each of [...asArray(schema['anyOf']), ...asArray(schema['oneOf'])]) {
    const found = exampleOf(asObject(each), name);
    if (found !== undefined && found !== null) return found;
  }
  if (schema['type'] === 'object') return exampleOfObject(schema);
  const { format } = schema;
  const known = BY_NAME[name] ?? (typeof format === 'string' ? BY_FORMAT[format] : undefined);
  if (known !== undefined) return known;
  if (schema['type'] === 'array') {
    const item = exampleOf(asObject(schema['items']), name);
    return item === undefined ? [] : [item];
  }
  if (schema['type'] === 'integer' || schema['type'] === 'number') return schema['minimum'] ?? 1;
  return schema['type'] === 'boolean' ? true : undefined;
}

function exampleOfObject(schema: JsonObject): JsonObject {
  const properties = asObject(schema['properties']);
  const required = asArray(schema['required']).map(String);
  const names = required.length > 0 ? required : Object.keys(properties).slice(0, 1);
  return Object.fromEntries(
    names.flatMap((each) => {
      const value = exampleOf(asObject(properties[each]), each);
      return value === undefined ? [] : [[each, value]];
    }),
  );
}

const BY_FORMAT: Readonly<Record<string, Json>> = {
  uuid: '019a5a4e-7c00-7000-8000-000000000001',
  date: '2026-11-20',
  'date-time': '2026-11-20T19:30:00.000Z',
  email: 'ada@example.com',
};

const BY_NAME: Readonly<Record<string, Json>> = {
  id: '019a5a4e-7c00-7000-8000-000000000001',
  movieId: 'the-matrix-1999',
  slug: 'the-matrix-1999',
  token: 'the-token-of-the-link',
  refreshToken: 'the-refresh-token',
  challenge: 'the-challenge-of-the-refusal',
  deviceId: 'living-room-tv',
  name: 'Heat',
  year: 1995,
  time: 170,
  imdb: 8.3,
  description: 'A thief and the detective who hunts him turn out to be much alike.',
  certification: 'R',
  genres: ['Crime', 'Drama'],
  stars: ['Al Pacino', 'Robert De Niro'],
  directors: ['Michael Mann'],
  score: 9,
  text: 'The scene in the diner alone is worth it.',
  note: 'Tells the end of the film.',
  reason: 'Bought by mistake.',
  position: 1830,
  duration: 10_200,
  why: 'It is below the least amount that cards can be charged.',
};

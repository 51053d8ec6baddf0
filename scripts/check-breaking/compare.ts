/** An OpenAPI document as JSON. */
export type ApiDocument = {
  info: { version: string };
  paths: Record<string, Record<string, Json>>;
  components?: Json;
};

type Json = { [key: string]: unknown };
/** What is sent must stay accepted; what is answered must stay there. */
type Direction = 'input' | 'output';
type Side = { document: ApiDocument; schema: Json };

/**
 * Finds what a client of the old document would stumble over in the new one: operations, success statuses, types of
 * content, parameters or fields that are gone; inputs that ask for more or take less; answers that promise less; sessions
 * where none was needed. Refusals may come and go: clients branch on reasons they know.
 *
 * @returns a sentence for each, empty when there is none.
 */
export function findBreaks(old: ApiDocument, next: ApiDocument): string[] {
  return Object.entries(old.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, before]) => {
      const name = `${method.toUpperCase()} ${path}`;
      const after = next.paths[path]?.[method];
      if (!after) return [`${name} is gone`];
      return [
        ...compareNames(before, after),
        ...compareParameters({ document: old, schema: before }, { document: next, schema: after }),
        ...compareBodies({ document: old, schema: before }, { document: next, schema: after }),
        ...compareAnswers({ document: old, schema: before }, { document: next, schema: after }),
      ].map((fault) => `${name}: ${fault}`);
    }),
  );
}

/** Tells whether a version may break what the one before promised: only a new major one. */
export function mayBreak(oldVersion: string, newVersion: string): boolean {
  return Number.parseInt(newVersion, 10) > Number.parseInt(oldVersion, 10);
}

function compareNames(before: Json, after: Json): string[] {
  const isOpen = (operation: Json) => {
    const ways = listOf(operation['security']);
    return ways.length === 0 || ways.some((way) => Object.keys(way).length === 0);
  };
  return [
    before['operationId'] === after['operationId']
      ? []
      : `is called ${String(after['operationId'])}, no longer ${String(before['operationId'])}`,
    isOpen(before) && !isOpen(after) ? 'needs a session now' : [],
  ].flat();
}

function compareParameters(old: Side, next: Side): string[] {
  const read = ({ document, schema }: Side) =>
    new Map(
      listOf(schema['parameters'])
        .map((each) => resolve(document, each))
        .map((each) => [`${String(each['in'])} ${String(each['name'])}`, each]),
    );
  const [before, after] = [read(old), read(next)];
  const lost = [...before].flatMap(([name, each]) => {
    const now = after.get(name);
    if (!now) return [`the parameter ${name} is gone`];
    const asked =
      now['required'] === true && each['required'] !== true ? [`the parameter ${name} must be sent now`] : [];
    return [...asked, ...compare(childOf(old, each, 'schema'), childOf(next, now, 'schema'), 'input', name)];
  });
  const asked = [...after].filter(([name, each]) => each['required'] === true && !before.has(name));
  return [...lost, ...asked.map(([name]) => `the new parameter ${name} must be sent`)];
}

function compareBodies(old: Side, next: Side): string[] {
  const [before, after] = [objectOf(old.schema['requestBody']), objectOf(next.schema['requestBody'])];
  const asked = after['required'] === true && before['required'] !== true ? ['a body must be sent now'] : [];
  return [...asked, ...compareContent([old, before], [next, after], 'input', 'the body')];
}

function compareAnswers(old: Side, next: Side): string[] {
  const successes = Object.entries(objectOf(old.schema['responses'])).filter(([status]) => /^[123]/.test(status));
  return successes.flatMap(([status, before]) => {
    const after = objectOf(next.schema['responses'])[status];
    if (after === undefined) return [`no longer answers ${status}`];
    const [one, other] = [resolve(old.document, objectOf(before)), resolve(next.document, objectOf(after))];
    return compareContent([old, one], [next, other], 'output', status);
  });
}

function compareContent(old: [Side, Json], next: [Side, Json], direction: Direction, name: string): string[] {
  const now = objectOf(next[1]['content']);
  return Object.entries(objectOf(old[1]['content'])).flatMap(([type, media]) => {
    if (now[type] === undefined) return [`${name} is no longer ${type}`];
    const [before, after] = [
      childOf(old[0], objectOf(media), 'schema'),
      childOf(next[0], objectOf(now[type]), 'schema'),
    ];
    return compare(before, after, direction, name);
  });
}

function compare(old: Side, next: Side, direction: Direction, name: string, seen: readonly Json[] = []): string[] {
  const [before, after] = [resolve(old.document, old.schema), resolve(next.document, next.schema)];
  if (seen.includes(before)) return [];
  const inside = [...seen, before];
  const [one, other] = [
    { ...old, schema: before },
    { ...next, schema: after },
  ];
  const items =
    before['items'] && after['items']
      ? compare(childOf(one, before, 'items'), childOf(other, after, 'items'), direction, `${name}[]`, inside)
      : [];
  return [
    ...compareTypes(before, after, direction, name),
    ...compareBounds(before, after, direction, name),
    ...compareFields(one, other, direction, name, inside),
    ...compareForms(one, other, direction, name, inside),
    ...items,
  ];
}

/** What can be one of several is compared form by form, in their order; null is none of them. */
function compareForms(old: Side, next: Side, direction: Direction, name: string, seen: readonly Json[]): string[] {
  const [before, after] = [formsOf(old.schema), formsOf(next.schema)];
  const fewer = direction === 'input' && after.length < before.length ? [`${name} takes fewer forms`] : [];
  const inside = before.flatMap((form, index) => {
    const now = after[index];
    return now ? compare({ ...old, schema: form }, { ...next, schema: now }, direction, name, seen) : [];
  });
  return [...fewer, ...inside];
}

function formsOf(schema: Json): Json[] {
  return ['anyOf', 'oneOf', 'allOf'].flatMap((key) => listOf(schema[key])).filter(({ type }) => type !== 'null');
}

function compareTypes(before: Json, after: Json, direction: Direction, name: string): string[] {
  const [old, next] = direction === 'input' ? [typesOf(before), typesOf(after)] : [typesOf(after), typesOf(before)];
  // A schema that says nothing takes, or promises, anything.
  if (next.size === 0) return [];
  const lost =
    old.size === 0
      ? ['anything']
      : [...old].filter((type) => !next.has(type) && !(type === 'integer' && next.has('number')));
  if (lost.length === 0) return [];
  return [`${name} ${direction === 'input' ? 'no longer takes' : 'may be'} ${lost.join(', ')}`];
}

function compareBounds(before: Json, after: Json, direction: Direction, name: string): string[] {
  if (direction === 'output') return [];
  const [old, next] = [choicesOf(before), choicesOf(after)];
  if (Array.isArray(next) && !Array.isArray(old)) return [`${name} takes only ${next.join(', ')}`];
  const lost = Array.isArray(old) && Array.isArray(next) ? old.filter((value) => !next.includes(value)) : [];
  const closer = BOUNDS.filter(([key, isCloser]) => {
    const [from, to] = [before[key], after[key]];
    return typeof to === 'number' && (typeof from !== 'number' || isCloser(from, to));
  });
  const pattern = after['pattern'] !== undefined && after['pattern'] !== before['pattern'] ? ['pattern'] : [];
  return [
    ...lost.map((value) => `${name} no longer takes ${String(value)}`),
    ...[...closer.map(([key]) => key), ...pattern].map((key) => `${name} has another ${key}`),
  ];
}

function choicesOf(schema: Json): unknown {
  return 'const' in schema ? [schema['const']] : schema['enum'];
}

const BOUNDS: readonly [string, (from: number, to: number) => boolean][] = [
  ['maxLength', (from, to) => to < from],
  ['maximum', (from, to) => to < from],
  ['maxItems', (from, to) => to < from],
  ['minLength', (from, to) => to > from],
  ['minimum', (from, to) => to > from],
  ['minItems', (from, to) => to > from],
];

function compareFields(old: Side, next: Side, direction: Direction, name: string, seen: readonly Json[]): string[] {
  const [before, after] = [objectOf(old.schema['properties']), objectOf(next.schema['properties'])];
  const [needed, nowNeeded] = [stringsOf(old.schema['required']), stringsOf(next.schema['required'])];
  const inside = Object.keys(before).flatMap((field) => {
    const place = `${name}.${field}`;
    if (after[field] === undefined) return [`${place} is gone`];
    const rest = compare(childOf(old, before, field), childOf(next, after, field), direction, place, seen);
    const isLess = direction === 'output' && needed.includes(field) && !nowNeeded.includes(field);
    return isLess ? [`${place} may be missing now`, ...rest] : rest;
  });
  const asked = direction === 'input' ? nowNeeded.filter((field) => !needed.includes(field)) : [];
  return [...inside, ...asked.map((field) => `${name}.${field} must be sent now`)];
}

function typesOf(schema: Json): Set<string> {
  const own = [schema['type']].flat().filter((type) => typeof type === 'string');
  const parts = [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])].flatMap((part) => [...typesOf(part)]);
  return new Set([...own, ...parts]);
}

function resolve(document: ApiDocument, schema: Json): Json {
  const { $ref } = schema;
  if (typeof $ref !== 'string') return schema;
  const path = $ref.split('/').slice(1);
  return objectOf(path.reduce<unknown>((value, key) => objectOf(value)[key], document));
}

function childOf({ document }: Side, parent: Json, key: string): Side {
  return { document, schema: objectOf(parent[key]) };
}

function objectOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(objectOf) : [];
}

function stringsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

import superjson from 'superjson';
import { expect, test } from 'vitest';
import { wire } from './wire.ts';

const NOON = new Date('2026-11-20T12:00:00.000Z');

// What a call or an answer of the cinema may hold.
const VALUES: readonly unknown[] = [
  undefined,
  null,
  true,
  'text',
  1_299,
  NOON,
  [],
  {},
  [NOON, [NOON]],
  { at: NOON, until: null },
  {
    items: [
      { id: 'a', createdAt: NOON },
      { id: 'b', createdAt: NOON },
    ],
    nextCursor: null,
  },
  { 'a.b': NOON, 'a\\b': { '': NOON }, '': { c: NOON } },
  { deep: { er: [{ est: [NOON] }] } },
];

test.each(VALUES.map((value) => [JSON.stringify(value) ?? 'undefined', value]))(
  '%s is sent so that superjson reads it, and what superjson sends is read',
  (_name, value) => {
    expect(superjson.deserialize(JSON.parse(JSON.stringify(wire.serialize(value))))).toEqual(value);
    expect(wire.deserialize(JSON.parse(JSON.stringify(superjson.serialize(value))))).toEqual(value);
  },
);

test('the values only superjson tells apart are read', () => {
  const value = { gone: undefined, list: [undefined, Number.NaN, -0], big: 2n ** 70n };

  expect(wire.deserialize(JSON.parse(JSON.stringify(superjson.serialize(value))))).toEqual(value);
});

test('a field that is undefined is not sent', () => {
  expect(wire.serialize({ cursor: undefined, limit: 5 })).toEqual({ json: { limit: 5 } });
});

test('the same object twice is there twice', () => {
  const genre = { name: 'Drama', at: NOON };

  expect(wire.deserialize(JSON.parse(JSON.stringify(superjson.serialize([genre, genre]))))).toEqual([genre, genre]);
});

test('a type nobody knows is an error, and a path into a prototype leads nowhere', () => {
  expect(() => wire.deserialize({ json: {}, meta: { values: ['class'] } })).toThrow('the unknown type class');

  wire.deserialize({ json: JSON.parse('{"a":{}}'), meta: { values: { '__proto__.at': ['Date'] } } });
  expect(Object.keys(Object.prototype)).toEqual([]);
});

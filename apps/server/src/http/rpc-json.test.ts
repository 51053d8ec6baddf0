import superjson from 'superjson';
import { expect, test } from 'vitest';
import { writeResult } from './rpc-json.ts';

const date = new Date('2026-11-20T12:00:00.250Z');
const shared = { name: 'twice' };

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'with "quotes", \u2028 and \ud800'],
  ['numbers', [0, -1.5, 1e21]],
  ['numbers that JSON has not', { a: [-0, Number.NaN, Infinity], big: 12n }],
  ['a date', date],
  ['no date', { at: new Date(Number.NaN) }],
  ['dates in their places', { items: [{ at: date }, { at: new Date(0), of: { id: 1 } }], list: [new Date(1)] }],
  ['the same date twice', { createdAt: date, updatedAt: date }],
  ['the same object twice', [shared, { shared }]],
  ['something undefined', { items: [undefined], none: undefined }],
  ['other types', { map: new Map([['a', date]]), set: new Set([1]), url: new URL('https://cinema.example'), re: /a/ }],
  [
    'keys that are odd in a path',
    { 'a.b': date, 'c\\': { d: new Date(0) }, '': { e: new Date(1) }, f: { '': new Date(2) } },
  ],
  ['a method', { toJSON: 1, at: date }],
  ['a list with a hole', [date, , 'after']], // oxlint-disable-line no-sparse-arrays
  ['an object without a prototype', Object.assign(Object.create(null), { at: date })],
])('%s is written as superjson writes it', (_, value) => {
  expect(writeResult(value)).toBe(JSON.stringify({ result: { data: superjson.serialize(value) } }));
});

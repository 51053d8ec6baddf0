import { expect, test } from 'vitest';
import { drawBox } from './box.ts';

test('a box holds its rows, labels and values in columns', () => {
  const rows: [string, string][] = [
    ['App', 'http://localhost:8000'],
    ['Inbox', 'http://localhost:8025'],
    ['', 'and more'],
  ];
  expect(drawBox('Cinema', rows).split('\n')).toEqual([
    '╭─ Cinema ───────────────────────╮',
    '│  App    http://localhost:8000  │',
    '│  Inbox  http://localhost:8025  │',
    '│         and more               │',
    '╰────────────────────────────────╯',
  ]);
});

test.for([
  ['a title longer than its rows', 'A rather long title for a rather small box', 'b'],
  ['a row longer than its title', 'T', 'a'.repeat(100)],
] as const)('every line of a box is equally long: %s', ([, title, value]) => {
  const lines = drawBox(title, [['a', value]]).split('\n');
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  expect(lines[0]).toContain(title);
  expect(lines[1]).toContain(value);
});

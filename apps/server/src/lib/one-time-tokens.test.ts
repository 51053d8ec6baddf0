import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createOneTimeTokens, type LinkPurpose } from './one-time-tokens.ts';

const PURPOSES: LinkPurpose[] = ['activation', 'password_reset', 'set_password', 'email_change', 'data_export'];
const tokens = createOneTimeTokens('a secret for tests, of forty characters.');

test('a token leads back to its row, each time the same, and fits an address', () => {
  for (const purpose of PURPOSES) {
    const id = randomUUID();
    const token = tokens.derive(purpose, id);
    expect(token).toMatch(/^[\w-]{64}$/);
    expect(tokens.derive(purpose, id)).toBe(token);
    expect(tokens.verify(purpose, token)).toBe(id);
  }
});

test('a token serves one purpose, under one secret', () => {
  const id = randomUUID();
  const readers = [tokens, createOneTimeTokens('another secret, of forty characters too.')];
  const answers = PURPOSES.flatMap((purpose) =>
    readers.map((reader) => PURPOSES.map((other) => reader.verify(other, tokens.derive(purpose, id)))),
  );
  expect(answers).toEqual(
    PURPOSES.flatMap((purpose) => [PURPOSES.map((other) => (other === purpose ? id : null)), PURPOSES.map(() => null)]),
  );
});

test('no character of a token can be changed, left out or put in', () => {
  const token = tokens.derive('activation', randomUUID());
  const forged = [...Array(token.length + 1).keys()].flatMap((place) => {
    const [before, after] = [token.slice(0, place), token.slice(place + 1)];
    const changed = 'AQgwBCD_-+/'.split('').map((character) => before + character + after);
    return [...changed, before + after, `${before}=${token.slice(place)}`, `${before}\n${token.slice(place)}`];
  });
  const accepted = forged.filter((text) => text !== token && tokens.verify('activation', text) !== null);
  expect(accepted).toEqual([]);
});

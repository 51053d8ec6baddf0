import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createLoginChallenges } from './login-challenges.ts';
import { createMediaGrants } from './media-grants.ts';

const SECRET = 'a secret for tests, of forty characters.';
const challenges = createLoginChallenges(SECRET);
const passed = { userId: randomUUID(), passwordGeneration: 3, expiresAt: new Date('2030-01-02T03:04:05Z') };

test('a challenge says what it was issued for, and differs each time', () => {
  const [one, other] = [challenges.issue(passed), challenges.issue(passed)];
  expect(one).toMatch(/^[\w-]{96}$/);
  expect(challenges.read(one)).toEqual({ ...passed, id: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(challenges.read(other)?.id).not.toBe(challenges.read(one)?.id);
});

test('it is good under its own secret only', () => {
  const other = createLoginChallenges('another secret, of forty characters too.');
  expect(other.read(challenges.issue(passed))).toBeNull();
  const grant = createMediaGrants(SECRET).issue({
    assetId: randomUUID(),
    userId: null,
    streamId: null,
    expiresAt: passed.expiresAt,
  });
  expect(challenges.read(grant)).toBeNull();
});

test('no character of it can be changed, left out or put in', () => {
  const challenge = challenges.issue(passed);
  const forged = [...Array(challenge.length + 1).keys()].flatMap((place) => {
    const [before, after] = [challenge.slice(0, place), challenge.slice(place + 1)];
    const changed = 'AQgwBCD_-+/'.split('').map((character) => before + character + after);
    return [...changed, before + after, `${before}=${challenge.slice(place)}`, `${before}\n${challenge.slice(place)}`];
  });
  expect(forged.filter((text) => text !== challenge && challenges.read(text) !== null)).toEqual([]);
});

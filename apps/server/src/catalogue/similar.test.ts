import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';

let app: TestApp;
const ids = new Map<string, string>();
beforeAll(async () => {
  app = await startTestApp();
  for (const film of FILMS) ids.set(film.name, (await createMovie(app.db, film)).id);
});
afterAll(() => app[Symbol.asyncDispose]());

const CRIME = ['Crime', 'Drama'];
const FILMS = [
  { name: 'Heat', year: 1995, genres: CRIME, directors: ['Michael Mann'], stars: ['Al Pacino', 'Robert De Niro'] },
  { name: 'The Insider', year: 1999, genres: ['Drama'], directors: ['Michael Mann'], stars: ['Al Pacino'] },
  { name: 'Ali', year: 2001, genres: ['Biography'], directors: ['Michael Mann'] },
  { name: 'Casino', year: 1995, genres: CRIME, stars: ['Robert De Niro'] },
  { name: 'The Irishman', year: 2019, genres: CRIME, stars: ['Robert De Niro', 'Al Pacino'] },
  { name: 'Meet the Parents', year: 2000, genres: ['Comedy'], stars: ['Robert De Niro'] },
  { name: 'Fargo', year: 1996, genres: CRIME },
  { name: 'Scarface', year: 1932, genres: CRIME },
  { name: 'Withdrawn', year: 1995, genres: CRIME, directors: ['Michael Mann'], withdrawnAt: new Date() },
  { name: 'Alone', year: 1995, genres: ['Western'] },
];

async function similarTo(name: string) {
  const { items } = await app.anonymous.movies.similar.query({ movieId: ids.get(name) ?? '' });
  return items;
}

test('directors weigh most, then stars, then genres, then the time; never itself, never withdrawn films', async () => {
  expect((await similarTo('Heat')).map((item) => item.name)).toEqual([
    'The Insider',
    'The Irishman',
    'Ali',
    'Casino',
    'Fargo',
    'Scarface',
    'Meet the Parents',
  ]);
});

describe('each says why', () => {
  test.for([
    ['The Insider', { kind: 'director', names: ['Michael Mann'], text: 'Same director: Michael Mann' }],
    [
      'Casino',
      { kind: 'star', names: ['Robert De Niro'], text: 'Crime and drama of the nineties with Robert De Niro' },
    ],
    [
      'The Irishman',
      {
        kind: 'star',
        names: ['Al Pacino', 'Robert De Niro'],
        text: 'Crime and drama with Al Pacino and Robert De Niro',
      },
    ],
    ['Meet the Parents', { kind: 'star', names: ['Robert De Niro'], text: 'With Robert De Niro' }],
    ['Fargo', { kind: 'genres', names: CRIME, text: 'Crime and drama of the nineties' }],
    ['Scarface', { kind: 'genres', names: CRIME, text: 'Crime and drama' }],
  ] as const)('%s', async ([name, why]) => {
    expect((await similarTo('Heat')).find((item) => item.name === name)?.why).toEqual(why);
  });
});

test('a film that shares nothing with others has none', async () => {
  expect(await similarTo('Alone')).toEqual([]);
});

test('there are twelve at most, and each is a card', async () => {
  for (let number = 0; number < 12; number += 1) await createMovie(app.db, { genres: ['Western'] });
  const items = await similarTo('Alone');
  expect(items).toHaveLength(12);
  const { why: _, ...card } = items[0]!;
  const page = await app.anonymous.movies.list.query({ genre: ['Western'], limit: 100 });
  expect(page.items).toContainEqual(card);
});

test.for(['no-such-film', '019a5a4e-7c00-7000-8000-000000000001', 'Withdrawn'])('%s is not found', async (name) => {
  const answer = await app.rest('GET', `/movies/${ids.get(name) ?? name}/similar`);
  expect(answer.status).toBe(404);
});

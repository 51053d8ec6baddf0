import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestApp, type TestApp } from '../testing/app.ts';
import { createMovie } from '../testing/factories.ts';
import { findOrMakeNames, nameKeyOf, refreshMovies, writeLinks } from './movie-writes.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app[Symbol.asyncDispose]());

async function countOf(kind: 'genres' | 'stars' | 'certifications', name: string): Promise<number | undefined> {
  return (await app.db.selectFrom(kind).where('name', '=', name).select('movieCount').executeTakeFirst())?.movieCount;
}

async function setWithdrawn(id: string, withdrawnAt: Date | null): Promise<void> {
  await app.db.updateTable('movies').set({ withdrawnAt }).where('id', '=', id).execute();
}

test('a name counts the films of the lists: withdrawn ones leave it and come back, deleted ones leave it', async () => {
  const film = await createMovie(app.db, { genres: ['Epic'], certification: 'X' });
  await createMovie(app.db, { genres: ['Epic'], withdrawnAt: new Date() });
  expect([await countOf('genres', 'Epic'), await countOf('certifications', 'X')]).toEqual([1, 1]);

  await setWithdrawn(film.id, new Date());
  expect(await countOf('genres', 'Epic')).toBe(0);
  // Once more is no news.
  await setWithdrawn(film.id, new Date());
  expect(await countOf('genres', 'Epic')).toBe(0);
  await setWithdrawn(film.id, null);
  expect([await countOf('genres', 'Epic'), await countOf('certifications', 'X')]).toEqual([1, 1]);

  await app.db.deleteFrom('movies').where('id', '=', film.id).execute();
  expect([await countOf('genres', 'Epic'), await countOf('certifications', 'X')]).toEqual([0, 0]);
});

test('a film that changes its genres changes their counts, and what it is found by', async () => {
  const { id, name } = await createMovie(app.db, { name: 'Turncoat', genres: ['Farce', 'Satire'] });
  const ids = await findOrMakeNames(app.db, 'genres', ['Satire', 'Elegy']);
  await writeLinks(app.db, [{ movieId: id, genres: [...ids.values()] }]);
  await refreshMovies(app.db, [id]);
  expect(await Promise.all(['Farce', 'Satire', 'Elegy'].map((genre) => countOf('genres', genre)))).toEqual([0, 1, 1]);
  const found = await app.anonymous.movies.list.query({ genre: 'Elegy' });
  expect([found.total, found.items.map((item) => item.name)]).toEqual([1, [name]]);
  expect((await app.anonymous.movies.list.query({ genre: 'Farce' })).total).toBe(0);
});

test('forty who write films of the same names at once do not hinder each other, and none is forgotten', async () => {
  const genres = ['One', 'Two', 'Three', 'Four'];
  const ids = await findOrMakeNames(app.db, 'genres', genres);
  const films = await Promise.all(genres.map((genre) => createMovie(app.db, { genres: [genre] })));
  const genreIds = genres.map((genre) => ids.get(nameKeyOf(genre)) ?? '');
  await Promise.all(
    Array.from({ length: 40 }, async (_, turn) => {
      const film = films[turn % films.length]?.id ?? '';
      const rotated = [...genreIds.slice(turn % 4), ...genreIds.slice(0, turn % 4)];
      await app.db.transaction().execute(async (trx) => {
        await trx.selectFrom('movies').where('id', '=', film).select('id').forUpdate().execute();
        await writeLinks(trx, [{ movieId: film, genres: turn % 3 === 0 ? rotated : rotated.slice(0, 2) }]);
        await refreshMovies(trx, [film]);
      });
    }),
  );
  const links = await app.db.selectFrom('movieGenres').where('genreId', 'in', genreIds).select('genreId').execute();
  for (const [index, genre] of genres.entries()) {
    expect(await countOf('genres', genre)).toBe(links.filter((link) => link.genreId === genreIds[index]).length);
  }
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SEED_CLIPS } from './clips.ts';
import { clipFor, readSeedMovies, SEED_MOVIES_FILE } from './movies.ts';
import { reduceMovies } from './reduce-movies.ts';
import { repairDirector, repairLetters, repairTitle } from './repair-text.ts';

const movies = readSeedMovies();

describe('the seed catalogue', () => {
  test('is what the reducer makes, byte for byte', () => {
    expect(reduceMovies()).toBe(readFileSync(SEED_MOVIES_FILE, 'utf8'));
  });

  test('has about 930 films, a line each, none twice', () => {
    expect(movies.length).toBeGreaterThan(900);
    expect(movies.length).toBeLessThan(960);
    expect(readFileSync(SEED_MOVIES_FILE, 'utf8').trimEnd().split('\n')).toHaveLength(movies.length + 2);
    expect(new Set(movies.map(({ name, year, time }) => `${name} ${year} ${time}`)).size).toBe(movies.length);
  });

  test('has years, times, ratings and money within their bounds', () => {
    const wrong = movies.filter(
      ({ budget, gross, imdb, time, votes, year }) =>
        !isWholeBetween(year, 1888, new Date().getFullYear() + 1) ||
        !isWholeBetween(time, 40, 400) ||
        !(imdb >= 0 && imdb <= 10 && Number(imdb.toFixed(1)) === imdb) ||
        !isWholeBetween(votes, 500, 10_000_000) ||
        !isWholeBetween(gross ?? 1, 1, Number.MAX_SAFE_INTEGER) ||
        !isWholeBetween(budget ?? 1, 1, Number.MAX_SAFE_INTEGER),
    );
    expect(wrong).toEqual([]);
  });

  test('has real dates, at most a year from the film', () => {
    const wrong = movies.filter(
      ({ releaseDate, year }) =>
        releaseDate !== undefined &&
        (new Date(releaseDate).toISOString().slice(0, 10) !== releaseDate ||
          Math.abs(Number(releaseDate.slice(0, 4)) - year) > 1),
    );
    expect(wrong).toEqual([]);
    expect(movies.filter(({ releaseDate }) => releaseDate !== undefined).length).toBeGreaterThan(850);
  });

  test('knows genres, directors and certificate of every film, each once', () => {
    expect(movies.filter(({ directors, genres }) => !isSet(genres) || !isSet(directors))).toEqual([]);
    expect([...new Set(movies.flatMap(({ genres }) => genres))].sort()).toEqual(GENRES);
    expect([...new Set(movies.map(({ certification }) => certification))].sort()).toEqual(CERTIFICATIONS);
  });

  test('has text without control characters, broken letters or stray spaces', () => {
    const texts = movies.flatMap(({ description, directors, genres, name }) => [
      name,
      description,
      ...directors,
      ...genres,
    ]);
    const wrong = texts.filter(
      (text) => text === '' || text.trim() !== text || text.normalize('NFC') !== text || BROKEN_TEXT.test(text),
    );
    expect(wrong).toEqual([]);
  });

  test('describes every film in two or three sentences of its own', () => {
    expect(new Set(movies.map(({ description }) => description)).size).toBe(movies.length);
    expect(movies.filter(({ description }) => description.length < 80 || description.length > 300)).toEqual([]);
    expect(movies.filter(({ description }) => /undefined|null|NaN|\{|\}|\.\./.test(description))).toEqual([]);
  });

  test('sells films at $3.99 to $14.99 and keeps a few from sale', () => {
    const prices = movies.flatMap(({ price }) => (price === null ? [] : [price]));
    expect(prices.filter((price) => !isWholeBetween(price, 399, 1499) || price % 100 !== 99)).toEqual([]);
    expect(new Set(prices).size).toBeGreaterThan(5);
    expect(movies.length - prices.length).toBeGreaterThanOrEqual(9);
    expect(movies.length - prices.length).toBeLessThanOrEqual(28);
  });
});

describe('the repair of text', () => {
  test.each([
    ['LÈon', 'Léon'],
    ['I Love You Ö', 'I Love You …'],
    ['DÈj‡ Vu', 'Déjà Vu'],
    ['Alien³', 'Alien³'],
  ])('reads %s as %s', (broken, right) => {
    expect(repairLetters(broken)).toBe(right);
  });

  test.each([
    ['Charge of the Light Brigade, The', 'The Charge of the Light Brigade'],
    ['Star Wars Ep. IV: A New Hope', 'Star Wars Episode IV: A New Hope'],
    ['The Helix...  Loaded ', 'The Helix... Loaded'],
    ['King Kong (1933)', 'King Kong'],
    ['Bringing Out The Dead', 'Bringing Out the Dead'],
    ['Exorcist: The Beginning', 'Exorcist: The Beginning'],
  ])('prints %s as %s', (raw, title) => {
    expect(repairTitle(raw)).toBe(title);
  });

  test('names the people of a group', () => {
    expect(repairDirector(' The Hughes Brothers')).toEqual(['Albert Hughes', 'Allen Hughes']);
  });
});

describe('the clips', () => {
  test('go in turns to the 40 films for sale with the most votes', () => {
    const popular = movies
      .filter(({ price }) => price !== null)
      .sort((left, right) => right.votes - left.votes)
      .slice(0, 40);

    expect(popular.slice(0, 4).map((movie) => clipFor(movie)?.name)).toEqual([
      'aurora',
      'deep-dive',
      'colony',
      'aurora',
    ]);
    expect(movies.filter((movie) => clipFor(movie) !== undefined)).toHaveLength(40);
    expect(popular.every((movie) => clipFor(movie) !== undefined)).toBe(true);
  });

  test.each(SEED_CLIPS)(
    '$name starts with its index, lasts as long as it says and is small',
    ({ duration, file, height, width }) => {
      const bytes = readFileSync(file);
      const header = bytes.indexOf('mvhd');
      const track = bytes.indexOf('tkhd'); // the first track is the picture

      expect(bytes.toString('latin1', 4, 8)).toBe('ftyp');
      expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
      expect(bytes.readUInt32BE(header + 20) / bytes.readUInt32BE(header + 16)).toBeCloseTo(duration, 1);
      expect([bytes.readUInt16BE(track + 80), bytes.readUInt16BE(track + 84)]).toEqual([width, height]);
      expect(bytes.length).toBeLessThanOrEqual(600_000);
    },
  );

  test.each(SEED_CLIPS)('$name has captions in English, in order and within its length', ({ captions, duration }) => {
    expect(captions.map(({ language }) => language)).toContain('en');
    for (const { file } of captions) {
      const text = readFileSync(file, 'utf8');
      const times = [...text.matchAll(/(\d\d):(\d\d\.\d{3})/g)].map(
        ([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds),
      );
      expect(text).toMatch(/^WEBVTT\n\n/);
      expect(times.length).toBeGreaterThan(4);
      expect(times).toEqual([...times].sort((left, right) => left - right));
      expect(times.at(-1)).toBeLessThanOrEqual(duration);
    }
  });
});

function isWholeBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isSet(values: string[]): boolean {
  return values.length > 0 && new Set(values).size === values.length;
}

/** Control characters, the replacement character, and letters that only a wrong character set puts into these names. */
const BROKEN_TEXT = /[\p{Cc}\p{Cf}\uFFFDÈÎÍËÛÙ˘‰‡ΩÃÂ]|  /u;

const CERTIFICATIONS = ['G', 'NC-17', 'Not Rated', 'PG', 'PG-13', 'R'];

const GENRES = [
  'Action',
  'Adventure',
  'Animation',
  'Biography',
  'Comedy',
  'Crime',
  'Documentary',
  'Drama',
  'Family',
  'Fantasy',
  'Film Noir',
  'History',
  'Horror',
  'Music',
  'Musical',
  'Mystery',
  'Romance',
  'Science Fiction',
  'Sport',
  'Thriller',
  'War',
  'Western',
];

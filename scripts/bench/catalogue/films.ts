import { slugOf } from '@online-cinema/server/catalogue/slug';
import { createId, createRandom, createZipf, type Random } from './random.ts';
import * as words from './words.ts';

/** The kinds that films are linked to; a certification is a column of the film. */
export const LINKED = ['genres', 'stars', 'directors', 'countries', 'languages'] as const;
type Linked = (typeof LINKED)[number];

/** A row of a kind. */
export type Name = { id: string; name: string };

/** An invented film: its columns as COPY takes them (null: none), and its links in their order. */
export type Film = {
  id: string;
  columns: Record<string, string | number | null>;
  /** The names of its people, as the search finds them. */
  people: string;
  links: Record<Linked, Name[]>;
};

/** An invented catalogue: all names, and its films one after another. */
export type Inventions = {
  names: Record<Linked | 'certifications', Name[]>;
  films(): Generator<Film>;
};

// The catalogue is opened on this day, and grows by an even measure for three years.
const OPENED_AT = Date.UTC(2023, 0, 1);
const YEARS_OPEN_MS = 3 * 365 * 86_400_000;
const THIS_YEAR = 2026;

/** Invents a catalogue. The same count and seed give the same one. */
export function inventCatalogue({ films, seed }: { films: number; seed: number }): Inventions {
  const random = createRandom(seed);
  const named = (list: string[]): Name[] => list.map((name) => ({ id: createId(random, OPENED_AT), name }));
  const people = (count: number, from: number) =>
    named(Array.from({ length: count }, (_, number) => words.composePerson(from + number)));
  const [starCount, directorCount] = [Math.ceil(films / 4) + 20, Math.ceil(films / 10) + 10];
  const names: Inventions['names'] = {
    certifications: named(words.CERTIFICATIONS),
    genres: named(words.GENRES),
    countries: named(words.COUNTRIES),
    languages: named(words.LANGUAGES),
    stars: people(starCount, 0),
    // Some stars direct.
    directors: people(directorCount, Math.floor(starCount * 0.98)),
  };
  return { names, films: () => inventFilms(films, names, random) };
}

function* inventFilms(count: number, names: Inventions['names'], random: Random): Generator<Film> {
  const choose = {
    certification: chooser(names.certifications, 1),
    genres: chooser(names.genres, 0.9),
    stars: chooser(names.stars, 0.45),
    directors: chooser(names.directors, 0.4),
    countries: chooser(names.countries, 1.1),
    languages: chooser(names.languages, 1.2),
  };
  const several = (kind: Linked, least: number, most: number): Name[] => [
    ...new Set(Array.from({ length: random.between(least, most) }, () => choose[kind](random))),
  ];
  const composer = createComposer(random);
  const taken = new Map<string, number>();
  for (let number = 0; number < count; number += 1) {
    const createdAt = OPENED_AT + Math.floor(((number + random.next()) / count) * YEARS_OPEN_MS);
    const id = createId(random, createdAt);
    const name = composer.title();
    const year = Math.max(1895, THIS_YEAR - Math.floor(-18 * Math.log(1 - random.next())));
    const slug = slugOf(name, year);
    const again = taken.get(slug) ?? 0;
    taken.set(slug, again + 1);
    const links = {
      genres: several('genres', 1, 3),
      stars: several('stars', random.percent(4) ? 0 : 2, 6),
      directors: several('directors', 1, random.percent(12) ? 2 : 1),
      countries: several('countries', 1, random.percent(20) ? 3 : 1),
      languages: several('languages', 1, random.percent(15) ? 3 : 1),
    };
    const certification = choose.certification(random);
    const tagIds = [certification, ...Object.values(links).flat()].map((tag) => tag.id).toSorted();
    yield {
      id,
      columns: {
        id,
        slug: again === 0 ? slug : `${slug}-${again + 1}`,
        name,
        year,
        // Films of one name and year differ in length.
        time: again === 0 ? random.between(75, 180) : 180 + again,
        ...inventFigures(random, year),
        description: composer.description(),
        certification_id: certification.id,
        withdrawn_at: random.percent(0.5) ? new Date(createdAt + 86_400_000).toISOString() : null,
        lot: Math.fround(random.next()),
        tag_ids: `{${tagIds.join(',')}}`,
        created_at: new Date(createdAt).toISOString(),
        updated_at: new Date(createdAt).toISOString(),
      },
      people: [...links.stars, ...links.directors].map((person) => person.name).join(' '),
      links,
    };
  }
}

function inventFigures(random: Random, year: number): Film['columns'] {
  // Most films are seen by few.
  const fame = random.next() ** 4;
  const votes = Math.floor(5 * (400_000 ** fame - 1) + 20 * random.next());
  const imdb =
    Math.round(10 * Math.min(9.6, Math.max(1.2, 6.2 + 1.6 * (random.next() + random.next() - 1) + fame))) / 10;
  const ratings = random.percent(60) ? Math.floor(random.next() * (2 + fame * 3_000)) : 0;
  const price = random.percent(12) ? null : random.of([99, 199, 299, 399, 499, 699, 999, 999, 1299, 1499, 1999]);
  const budget = random.percent(35) ? Math.floor(20_000_000_000 * random.next() ** 3) : null;
  const isAhead = year === THIS_YEAR && random.percent(30);
  return {
    release_date: random.percent(90) ? `${year}-${pad(random.between(1, 12))}-${pad(random.between(1, 28))}` : null,
    imdb,
    votes,
    meta_score: random.percent(45) ? Math.min(100, Math.round(imdb * 10 + random.between(-15, 10))) : null,
    budget_amount: budget,
    budget_currency: budget === null ? null : 'USD',
    price_amount: price,
    price_currency: price === null ? null : 'USD',
    status: isAhead ? random.of(['in_production', 'post_production']) : 'released',
    rating_count: ratings,
    rating_sum:
      ratings === 0 ? 0 : Math.min(10 * ratings, Math.max(ratings, Math.round(ratings * (imdb + random.next() - 0.5)))),
  };
}

function createComposer(random: Random) {
  const [noun, adjective] = [chooser(words.NOUNS, 0.8), chooser(words.ADJECTIVES, 0.8)];
  const place = createZipf(10_000, 0.8);
  const [plot, who, where] = [chooser(words.PLOTS, 0.6), chooser(words.WHO, 0.7), chooser(words.WHERE, 0.7)];
  const town = () => words.composeName(place(random));
  const titles: (() => string)[] = [
    () => `The ${adjective(random)} ${noun(random)}`,
    () => `${adjective(random)} ${noun(random)}`,
    () => `${noun(random)} of the ${noun(random)}`,
    () => `The ${noun(random)}`,
    () => noun(random),
    () => `The ${noun(random)} of ${town()}`,
    () => `${town()}’s ${noun(random)}`,
    () => `A ${noun(random)} in ${town()}`,
    () => `${words.composePerson(place(random))}`,
    () => `${adjective(random)} ${noun(random)}: ${noun(random)} of ${town()}`,
    () => `${noun(random)} & ${noun(random)}`,
    () => `${noun(random)} ${random.between(2, 13)}`,
    () => random.of(['It', 'Them', 'Her', 'The Who', 'Us', 'Up', 'Who?', '8½', '1984']),
  ];
  const kinds = createZipf(titles.length, 0.5);
  const sentence = () =>
    `${random.of(words.WHEN)}, a ${adjective(random).toLowerCase()} ${who(random)} ${plot(random)} ` +
    `${random.percent(30) ? words.composePerson(place(random)) : `the ${who(random)}`} in a ${where(random)} ` +
    `${random.percent(50) ? `near ${town()}` : `of ${noun(random).toLowerCase()}`}.`;
  return {
    title: (): string => titles[kinds(random)]?.() ?? '',
    /** 100 to 400 characters. */
    description(): string {
      const length = random.between(100, 300);
      let text = sentence();
      while (text.length < length) text += ` ${sentence()}`;
      return text;
    },
  };
}

function chooser<Item>(list: readonly Item[], exponent: number): (random: Random) => Item {
  const place = createZipf(list.length, exponent);
  return (random) => {
    const item = list[place(random)];
    if (item === undefined) throw new RangeError('There is nothing to choose from.');
    return item;
  };
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

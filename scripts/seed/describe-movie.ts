import { createHash } from 'node:crypto';

/** What a description may say about a film. */
export interface MovieFacts {
  name: string;
  year: number;
  /** Running time in minutes. */
  time: number;
  /** `YYYY-MM-DD`. */
  releaseDate?: string;
  imdb: number;
  votes: number;
  /** US dollars in cents. */
  gross?: number;
  /** US dollars in cents. */
  budget?: number;
  certification: string;
  genres: string[];
  directors: string[];
  /** What the script was made from, in the words of vega-datasets. */
  source?: string;
  distributor?: string;
}

/**
 * Writes two or three sentences about a film from its facts alone, never about its plot. The same film always gets the
 * same words; neighbours get different ones.
 */
export function describeMovie(facts: MovieFacts): string {
  const pick = chooser(`${facts.name} ${facts.year}`);
  const sentences = [opening(facts, pick), ...takeSome(background(facts, pick), pick), closing(facts, pick)];
  // "Warner Bros." brings a full stop of its own to the end of a sentence.
  return sentences.join(' ').replaceAll('..', '.');
}

/** Picks one of several wordings. */
type Pick = (wordings: string[]) => string;

function chooser(seed: string): Pick {
  const bytes = createHash('sha256').update(seed).digest();
  let turn = 0;
  return (wordings) => {
    const byte = bytes[turn++ % bytes.length] ?? 0;
    return wordings[byte % wordings.length] ?? '';
  };
}

function opening({ directors, genres, source, year }: MovieFacts, pick: Pick): string {
  const kind = genrePhrase(genres);
  const by = list(directors);
  const basis = source === undefined ? undefined : BASES[source];
  const after = basis === undefined ? '' : `, ${basis}`;
  const and = basis === undefined ? ', ' : ' and ';
  return pick([
    `${capitalize(article(kind))} by ${by} from ${year}${after}.`,
    `${by} directed this ${kind} of ${year}${after}.`,
    `${capitalize(article(kind))} from ${year}${after}${and}directed by ${by}.`,
    `Directed by ${by}, this is ${article(kind)} of ${year}${after}.`,
    `${possessive(by)} ${kind} of ${year}${after}.`,
  ]);
}

function background({ budget, distributor, gross, releaseDate }: MovieFacts, pick: Pick): string[] {
  const sentences: string[] = [];
  const month = releaseDate === undefined ? undefined : monthAndYear(releaseDate);
  if (month !== undefined && distributor !== undefined) {
    sentences.push(
      pick([
        `${distributor} released it in ${month}.`,
        `It came out in ${month} through ${distributor}.`,
        `It was released in ${month} by ${distributor}.`,
      ]),
    );
  }
  if (gross !== undefined && gross >= LARGE_AMOUNT) {
    const spent = budget !== undefined && budget >= SMALL_AMOUNT ? money(budget) : undefined;
    sentences.push(
      pick(
        spent === undefined
          ? [`It earned ${money(gross)} worldwide.`, `Cinemas around the world took ${money(gross)} with it.`]
          : [
              `Made for ${spent}, it earned ${money(gross)} worldwide.`,
              `A budget of ${spent} stands against ${money(gross)} at the box office.`,
            ],
      ),
    );
  }
  return sentences;
}

/** At most one background sentence, to keep the text short; the film decides which. */
function takeSome(sentences: string[], pick: Pick): string[] {
  return sentences.length === 0 ? [] : [pick(sentences)];
}

function closing({ certification, imdb, time, votes }: MovieFacts, pick: Pick): string {
  const rated = certification === 'Not Rated' ? 'is not rated' : `is rated ${certification}`;
  const wordings = [
    `It runs ${duration(time)} and ${rated}.`,
    `Running time ${duration(time)}; the film ${rated}.`,
    `The film ${rated} and lasts ${duration(time)}.`,
  ];
  if (votes >= 10_000) {
    const voters = `${Math.floor(votes / 1000)},000`;
    wordings.push(
      `More than ${voters} votes on IMDb put it at ${imdb.toFixed(1)}.`,
      `It runs ${duration(time)} and stands at ${imdb.toFixed(1)} on IMDb.`,
    );
  }
  return pick(wordings);
}

/** "romantic comedy" for Comedy and Romance: one noun, and at most two words before it. */
function genrePhrase(genres: string[]): string {
  const has = new Set(genres);
  if (has.size === 2 && has.has('Comedy') && has.has('Drama')) return 'comedy drama';
  const head = Object.keys(NOUNS).find((genre) => has.has(genre));
  const others = Object.keys(ADJECTIVES).filter((genre) => has.has(genre) && genre !== head);
  const telling = others.length > 1 ? others.filter((genre) => genre !== 'Drama') : others;
  const words = telling.slice(0, 2).map((genre) => ADJECTIVES[genre]);
  return [...words, head === undefined ? 'film' : NOUNS[head]].join(' ');
}

function duration(minutes: number): string {
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  const parts = [];
  if (hours > 0) parts.push(hours === 1 ? 'one hour' : `${SMALL_NUMBERS[hours] ?? hours} hours`);
  if (rest > 0) parts.push(rest === 1 ? 'one minute' : `${SMALL_NUMBERS[rest] ?? rest} minutes`);
  return parts.join(' and ');
}

function money(cents: number): string {
  const millions = cents / 100_000_000;
  const rounded = millions < 10 ? Math.round(millions * 10) / 10 : Math.round(millions);
  return rounded < 1000 ? `$${rounded} million` : `$${Math.round(millions / 100) / 10} billion`;
}

function monthAndYear(date: string): string {
  return `${MONTHS[Number(date.slice(5, 7)) - 1]} ${date.slice(0, 4)}`;
}

function list(names: string[]): string {
  const last = names.at(-1) ?? '';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`;
}

function possessive(name: string): string {
  return name.endsWith('s') ? `${name}’` : `${name}’s`;
}

function article(words: string): string {
  return /^[aeiou]/.test(words) ? `an ${words}` : `a ${words}`;
}

function capitalize(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** In cents. */
const LARGE_AMOUNT = 2_000_000_000;
const SMALL_AMOUNT = 100_000_000;

const SMALL_NUMBERS = ['', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** Genres that can close a phrase, the most telling first. */
const NOUNS: Readonly<Record<string, string>> = {
  Documentary: 'documentary',
  Western: 'western',
  Musical: 'musical',
  'Film Noir': 'film noir',
  Thriller: 'thriller',
  Comedy: 'comedy',
  Drama: 'drama',
  Mystery: 'mystery',
  Romance: 'romance',
};

/** Genres as words before the noun, in the order English likes. */
const ADJECTIVES: Readonly<Record<string, string>> = {
  Romance: 'romantic',
  Biography: 'biographical',
  History: 'historical',
  Animation: 'animated',
  'Science Fiction': 'science fiction',
  Fantasy: 'fantasy',
  Family: 'family',
  War: 'war',
  Sport: 'sports',
  Crime: 'crime',
  Mystery: 'mystery',
  Music: 'music',
  Comedy: 'comic',
  Action: 'action',
  Adventure: 'adventure',
  Horror: 'horror',
  Thriller: 'suspense',
  Drama: 'dramatic',
};

/** The sources of vega-datasets in plain words; those missing say too little to repeat. */
const BASES: Readonly<Record<string, string>> = {
  'Based on Book/Short Story': 'adapted from a book or short story',
  'Based on Comic/Graphic Novel': 'adapted from a comic book',
  'Based on Factual Book/Article': 'adapted from a work of non-fiction',
  'Based on Game': 'adapted from a game',
  'Based on Magazine Article': 'adapted from a magazine article',
  'Based on Musical/Opera': 'adapted from a musical or opera',
  'Based on Play': 'adapted from a play',
  'Based on Real Life Events': 'based on real events',
  'Based on Short Film': 'expanded from a short film',
  'Based on TV': 'adapted from television',
  'Based on Toy': 'based on a toy',
  'Disney Ride': 'based on a Disney ride',
  'Original Screenplay': 'written for the screen',
  Remake: 'remade from an earlier film',
  'Traditional/Legend/Fairytale': 'drawn from an old tale or legend',
};

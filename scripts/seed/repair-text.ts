/**
 * Undoes what years of spreadsheets did to the titles and names of the two film tables.
 *
 * @module
 */

/** Makes a title fit to print: one kind of letter, one kind of space, "The" in front, no notes about the print. */
export function repairTitle(raw: string): string {
  const title = tidy(raw)
    .replace(/ \((?:\d{4}|IMAX|Theatrical Release|Canadian Release)\)$/, '')
    .replace(/^(.+), (The|An?)$/, '$2 $1')
    .replace(/\bEp\. (?=[IVX]+\b)/, 'Episode ')
    .replace(/\bVol\. (?=\d)/, 'Volume ')
    .replace(/(?<=\p{L} )(?:The|In|To|Of|And)(?= )/gu, (word) => word.toLowerCase());
  return TITLES[title] ?? title;
}

/**
 * Turns "LÈon" back into "Léon": vega-datasets' table was written in Windows-1252 and once read as Mac Roman. Letters that
 * Mac Roman does not have ("Alien³") came in later and stay. Not for text that is right: it would break it.
 */
export function repairLetters(text: string): string {
  return Array.from(text, (letter) => WINDOWS_LETTERS.get(letter) ?? letter).join('');
}

/** Gives the people behind one director's credit, since one table credits "The Wachowski Brothers". */
export function repairDirector(raw: string): string[] {
  const name = tidy(raw.replaceAll('""', '"'));
  return DIRECTORS[name] ?? [name];
}

/** The same for two spellings of one title or name: no accents, case, punctuation, leading article or "&". */
export function matchingKey(text: string): string {
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('&', 'and')
    .replace(/^(?:the|an?) /, '')
    .replace(/[^\p{L}\p{N}]+/gu, '');
}

function tidy(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim();
}

const HIGH_BYTES = Uint8Array.from({ length: 0x80 }, (_, index) => 0x80 + index);
const WINDOWS_LETTERS = new Map(
  Array.from(new TextDecoder('macintosh').decode(HIGH_BYTES), (letter, index) => [
    letter,
    new TextDecoder('windows-1252').decode(HIGH_BYTES.subarray(index, index + 1)),
  ]),
);

/** Credits that differ between the tables, or name a group: each as the people sign today. */
const DIRECTORS: Readonly<Record<string, string[]>> = {
  'Alejandro G. Iñárritu': ['Alejandro González Iñárritu'],
  'Alejandro Gonzalez Inarritu': ['Alejandro González Iñárritu'],
  'Andy Wachowski': ['Lana Wachowski', 'Lilly Wachowski'],
  'Danny De Vito': ['Danny DeVito'],
  'Francis Coppola': ['Francis Ford Coppola'],
  'Jack Lee Thompson': ['J. Lee Thompson'],
  'Joseph McGinty Nichol': ['McG'],
  'Lars Von Trier': ['Lars von Trier'],
  'Park Chan Wook': ['Chan-wook Park'],
  'Paul Anderson': ['Paul W.S. Anderson'],
  'Sir Richard Attenborough': ['Richard Attenborough'],
  'The Hughes Brothers': ['Albert Hughes', 'Allen Hughes'],
  'The Wachowski Brothers': ['Lana Wachowski', 'Lilly Wachowski'],
};

/** Titles misspelt in a table, and titles that the tables give in different languages: each as English posters have it. */
const TITLES: Readonly<Record<string, string>> = {
  "C'era una volta il West": 'Once Upon a Time in the West',
  'Central do Brasil': 'Central Station',
  'Chinjeolhan geumjassi': 'Lady Vengeance',
  'Cidade de Deus': 'City of God',
  'Das Leben der Anderen': 'The Lives of Others',
  'Die Fälscher': 'The Counterfeiters',
  'El Laberinto del Fauno': "Pan's Labyrinth",
  Festen: 'The Celebration',
  'G.I.Jane': 'G.I. Jane',
  'Gake no ue no Ponyo': 'Ponyo',
  'Grosse Point Blank': 'Grosse Pointe Blank',
  'La mala educación': 'Bad Education',
  "Le Fabuleux destin d'Amélie Poulain": 'Amélie',
  'Le Scaphandre et le Papillon': 'The Diving Bell and the Butterfly',
  'Les Triplettes de Belleville': 'The Triplets of Belleville',
  Léon: 'Léon: The Professional',
  'Man cheng jin dai huang jin jia': 'Curse of the Golden Flower',
  'Mononoke-hime': 'Princess Mononoke',
  'Mr. And Mrs. Smith': 'Mr. & Mrs. Smith',
  'Mulholland Dr.': 'Mulholland Drive',
  'Per qualche dollaro in più': 'For a Few Dollars More',
  'Per un pugno di dollari': 'A Fistful of Dollars',
  'Precious (Based on the Novel Push by Sapphire)': 'Precious',
  'Red-Eye': 'Red Eye',
  'Romeo+Juliet': 'Romeo + Juliet',
  'Se jie': 'Lust, Caution',
  'Shichinin no samurai': 'Seven Samurai',
  'Speed II: Cruise Control': 'Speed 2: Cruise Control',
  'Terminator 2': 'Terminator 2: Judgment Day',
  'The 40 Year-old Virgin': 'The 40 Year Old Virgin',
  'The Curse of the Were-Rabbit': 'Wallace & Gromit: The Curse of the Were-Rabbit',
  'The Forgotton': 'The Forgotten',
  'The Informant': 'The Informant!',
  'The War of the Worlds': 'War of the Worlds',
  'X-Men 2': 'X2',
  'Y Tu Mama Tambien (And Your Mother Too)': 'Y Tu Mamá También',
  Zwartboek: 'Black Book',
};

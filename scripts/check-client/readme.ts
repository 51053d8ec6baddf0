/** What a block of code may use without saying where it comes from: the words around it have introduced it. */
const PRELUDE = `
import { createCinemaClient } from '@online-cinema/client';
import { isCinemaError } from '@online-cinema/client';
import type { CinemaClient } from '@online-cinema/client';
declare const cinema: CinemaClient;
declare const email: string;
declare const password: string;
declare const token: string;
declare const movieId: string;
declare const orderId: string;
declare const video: HTMLVideoElement;
declare const file: File;
declare function askForCode(): Promise<string>;
declare function show(value: unknown): void;
declare function openCart(): void;
`;

/** Takes the code of a README, each block as a module of its own that compiles: a customer copies one of them. */
export function takeCodeBlocks(readme: string): { name: string; text: string }[] {
  const blocks = [...readme.matchAll(/^```(tsx?)(?: run)?\n([\s\S]*?)^```$/gm)];
  return blocks.map(([, extension = 'ts', code = ''], index) => ({
    name: `readme-${index + 1}.${extension}`,
    text: toModule(code),
  }));
}

/** Makes a module of a block of code, with what it uses and does not say itself. */
export function toModule(code: string): string {
  const declared = PRELUDE.trim()
    .split('\n')
    .filter((line) => !isSaidBy(code, line));
  return `${declared.join('\n')}\n${code}\nexport {};\n`;
}

/** The scenarios a README lists in the table under a heading. */
export function takeScenarios(readme: string, heading: string): string[] {
  const [, part = ''] = readme.split(`${heading}\n`);
  const [table = ''] = part.split('\n#');
  return [...table.matchAll(/^\| +\d+ +\| (.+?) +\|/gm)].map(([, scenario = '']) => scenario);
}

function isSaidBy(code: string, line: string): boolean {
  const name = /^(?:declare (?:const|function) |import (?:type )?\{ )(\w+)/.exec(line)?.[1] ?? '';
  return new RegExp(
    `^(?:const|function|import)\\b(?: ${name}\\b|[^=;(]*[[{,\\s]${name}\\b[^=;(]*(?:=|from))`,
    'm',
  ).test(code);
}

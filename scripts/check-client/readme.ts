/** What the blocks of the README may use without saying where it comes from. */
const PRELUDE = `
import type { CinemaClient } from '@online-cinema/client';
declare const cinema: CinemaClient;
declare const email: string, password: string, movieId: string, token: string;
declare function askForCode(): Promise<string>;
declare function show(value: unknown): void;
declare function openCart(): void;
`;

/** Takes the code of a README, each block as a module of its own that compiles: a customer copies one of them. */
export function takeCodeBlocks(readme: string): { name: string; text: string }[] {
  const blocks = [...readme.matchAll(/^```(tsx?)\n([\s\S]*?)^```$/gm)];
  return blocks.map(([, extension = 'ts', code = ''], index) => {
    const declared = PRELUDE.trim()
      .split('\n')
      .filter((line) => !isSaidBy(code, line))
      .join('\n');
    return { name: `readme-${index + 1}.${extension}`, text: `${declared}\n${code}\nexport {};\n` };
  });
}

/** The scenarios a README lists in the table under a heading. */
export function takeScenarios(readme: string, heading: string): string[] {
  const [, part = ''] = readme.split(`${heading}\n`);
  const [table = ''] = part.split('\n#');
  return [...table.matchAll(/^\| +\d+ +\| (.+?) +\|/gm)].map(([, scenario = '']) => scenario);
}

function isSaidBy(code: string, line: string): boolean {
  const name = /^(?:declare (?:const|function) |import type \{ )(\w+)/.exec(line)?.[1] ?? '';
  return new RegExp(`(?:const|function) ${name}\\b|import .*\\b${name}\\b.* from`).test(code);
}

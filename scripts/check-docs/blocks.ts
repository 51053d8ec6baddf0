import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A block of code in a document. `mayRun`: it is marked, as in ` ```sh run `. */
export type Block = { file: string; line: number; language: string; mayRun: boolean; code: string };

/** A link of a document to another file. */
export type Link = { file: string; line: number; target: string };

/** Lists the documents: the README, what lies in `docs/`, and the README of the client. */
export function listDocuments(root: string): string[] {
  const inDocs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  const guides = inDocs.filter((name) => name.endsWith('.md')).map((name) => join('docs', name));
  return ['README.md', ...guides, 'packages/client/README.md'];
}

/** Finds the blocks of code of a document. */
export function readBlocks(root: string, file: string): Block[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/^```(\w+)( run)?\n([\s\S]*?)^```$/gm)].map(([, language = '', run, code = ''], index) => ({
    file,
    line: lineOf(text, [...text.matchAll(/^```\w+/gm)][index]?.index ?? 0),
    language,
    mayRun: run !== undefined,
    code,
  }));
}

/** Finds what a document links to in this repository. */
export function readLinks(root: string, file: string): Link[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(({ 1: address = '', index }) => {
    if (/^(https?:|mailto:)/.test(address)) return [];
    const [path = '', anchor] = address.split('#');
    const target = path === '' ? file : relative(root, join(root, file, '..', path));
    return [{ file, line: lineOf(text, index), target: anchor === undefined ? target : `${target}#${anchor}` }];
  });
}

/** Lists the anchors of a document's headings, as GitHub makes them. */
export function readAnchors(root: string, file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

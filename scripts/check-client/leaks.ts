import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The packages the client may know. */
const ALLOWED_PACKAGES: readonly string[] = ['@trpc/client', '@trpc/server'];
/** What more a way in may know: a customer who takes it has that. */
const ALLOWED_BY_ENTRY: Readonly<Record<string, readonly string[]>> = {
  node: ['node:fs', 'node:path'],
  react: ['react', '@tanstack/react-query', '@trpc/tanstack-react-query'],
  upload: ['tus-js-client'],
};
/** What only the server knows. */
const SERVER_WORDS = /\b(?:zod|kysely|pg-boss|fastify|stripe|Context|[Dd]eps|apps\/server|workspace:)\b/g;
const SPECIFIER = /(?:\bfrom\s*|(?<!\.)\bimport\s*\(?\s*|\brequire\s*\(\s*|<reference\s+types=)["']([^"']+)["']/g;

/** Finds what a published folder must not hold: modules a customer has not got, and words of the server. */
export function findLeaks(folder: string): string[] {
  return listFiles(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    if (!/\.(?:js|d\.ts)$/.test(file)) {
      return /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file)
        ? []
        : [`${file}: does not belong there`];
    }
    // Paths, sentences and values of fields may say anything: only code counts for the words.
    const words = [...codeOf(text).matchAll(SERVER_WORDS)].map(([word]) => `${file}: says ${word}`);
    const modules = [...text.matchAll(SPECIFIER)]
      .map(([, name = '']) => name)
      .filter((name) => !name.startsWith('./') && !isAllowed(name, file))
      .map((name) => `${file}: names the module ${name}`);
    return [...modules, ...words];
  });
}

function isAllowed(specifier: string, file: string): boolean {
  const entry = /^dist\/(\w+)\.(?:js|d\.ts)$/.exec(file)?.[1] ?? '';
  return [...ALLOWED_PACKAGES, ...(ALLOWED_BY_ENTRY[entry] ?? [])].includes(packageOf(specifier));
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function codeOf(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$|'[^'\n]*'|"[^"\n]*"/gm, '');
}

/** `@trpc/server/observable` → `@trpc/server`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

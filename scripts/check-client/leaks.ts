import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The packages the client may know. */
const ALLOWED_PACKAGES: readonly string[] = ['@trpc/client', '@trpc/server', 'superjson'];
/** What only the server knows. */
const SERVER_WORDS = /\b(?:zod|kysely|pg-boss|fastify|stripe|Context|[Dd]eps|apps\/server|workspace:)\b/g;
const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|<reference\s+types=)["']([^"']+)["']/g;

/** Finds what a published folder must not hold: modules a customer has not got, and words of the server. */
export function findLeaks(folder: string): string[] {
  return listFiles(folder).flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    if (!/\.(?:js|d\.ts)$/.test(file)) {
      return /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(file)
        ? []
        : [`${file}: does not belong there`];
    }
    // Paths of requests and sentences may say anything: only code counts for the words.
    const words = [...withoutComments(text).matchAll(SERVER_WORDS)].map(([word]) => `${file}: says ${word}`);
    const modules = [...text.matchAll(SPECIFIER)]
      .map(([, name = '']) => name)
      .filter((name) => !name.startsWith('./') && !ALLOWED_PACKAGES.includes(packageOf(name)))
      .map((name) => `${file}: names the module ${name}`);
    return [...modules, ...words];
  });
}

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
}

/** `@trpc/server/observable` → `@trpc/server`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

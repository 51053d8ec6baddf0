/**
 * Compares `docs/openapi.json` with the one that was released last, and the names the client exports with those of then.
 * Fails when a client of those would stumble, unless the version says so: the one the next release will have, as the
 * changesets that wait say. `--release` makes today's the released ones: run it with each release.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type ApiDocument, findBreaks, mayBreak } from './check-breaking/compare.ts';
import { type Exports, findLostExports, readExports } from './check-breaking/exports.ts';

const CURRENT = new URL('../docs/openapi.json', import.meta.url);
const RELEASED = new URL('../docs/openapi.released.json', import.meta.url);
const CURRENT_CLIENT = new URL('../packages/client/api.md', import.meta.url);

/** A document as it was released, with what the client of that release exported. */
type Released = ApiDocument & { 'x-client-exports': Exports };

/** A field can be called `description` too: what is no text stays. */
const NOISE = ['description', 'summary', 'example', 'examples'];

const current = read<ApiDocument>(CURRENT);
const exports = readExports(readFileSync(CURRENT_CLIENT, 'utf8'));
if (process.argv.includes('--release')) {
  // Without words and examples, and on one line: nobody reads it.
  const isNoise = (key: string, value: unknown) =>
    NOISE.includes(key) && (typeof value === 'string' || /^examples?$/.test(key));
  const released: Released = { ...current, 'x-client-exports': exports };
  writeFileSync(
    RELEASED,
    `${JSON.stringify(released, (key, value: unknown) => (isNoise(key, value) ? undefined : value))}\n`,
  );
  console.log(`${current.info.version} is the released one.`);
} else {
  const released = read<Released>(RELEASED);
  const breaks = [...findBreaks(released, current), ...findLostExports(released['x-client-exports'], exports)];
  for (const fault of breaks) console.log(fault);
  const [from, to] = [released.info.version, current.info.version];
  console.log(`${breaks.length} breaks between ${from} and ${to}.`);
  if (breaks.length > 0 && !mayBreak(from, to)) {
    console.error('Such a change needs a new major version: `pnpm changeset`, then `pnpm generate`.');
    process.exitCode = 1;
  }
}

function read<Document>(file: URL): Document {
  return JSON.parse(readFileSync(file, 'utf8')) as Document;
}

/**
 * Compares `docs/openapi.json` with the one that was released last, and fails when a client of that one would stumble,
 * unless the version says so. `--release` makes today's the released one: run it with each release.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type ApiDocument, findBreaks, mayBreak } from './check-breaking/compare.ts';

const CURRENT = new URL('../docs/openapi.json', import.meta.url);
const RELEASED = new URL('../docs/openapi.released.json', import.meta.url);

/** A field can be called `description` too: what is no text stays. */
const NOISE = ['description', 'summary', 'example', 'examples'];

const current = read(CURRENT);
if (process.argv.includes('--release')) {
  // Without words and examples, and on one line: nobody reads it.
  const isNoise = (key: string, value: unknown) =>
    NOISE.includes(key) && (typeof value === 'string' || /^examples?$/.test(key));
  writeFileSync(
    RELEASED,
    `${JSON.stringify(current, (key, value: unknown) => (isNoise(key, value) ? undefined : value))}\n`,
  );
  console.log(`${current.info.version} is the released one.`);
} else {
  const released = read(RELEASED);
  const breaks = findBreaks(released, current);
  for (const fault of breaks) console.log(fault);
  const [from, to] = [released.info.version, current.info.version];
  console.log(`${breaks.length} breaks between ${from} and ${to}.`);
  if (breaks.length > 0 && !mayBreak(from, to)) {
    console.error('Such a change needs a new major version (before 1.0.0: a new minor) in apps/server/package.json.');
    process.exitCode = 1;
  }
}

function read(file: URL): ApiDocument {
  return JSON.parse(readFileSync(file, 'utf8')) as ApiDocument;
}

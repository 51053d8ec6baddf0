import { readdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const CLIENT = '@online-cinema/client';
const ROOT = new URL('..', import.meta.url);
const VERSION_FILE = new URL('apps/server/src/http/openapi-version.gen.ts', ROOT);

/** Writes the version of the REST face, which is that of the client: both are the same procedures. */
export async function generateVersion(): Promise<void> {
  const version = await planVersion(fileURLToPath(ROOT));
  await writeFile(
    VERSION_FILE,
    `// Generated from packages/client/package.json and the changesets: run \`pnpm generate\`, do not edit.

/** The version of the API with the next release; the client's is the same. */
export const API_VERSION = '${version}';
`,
  );
}

/**
 * Tells which version the client gets with the next release: what its package says, raised as the changesets that wait
 * say. `changeset version` then writes the same into the package.
 *
 * @param root The folder of the repository.
 */
export async function planVersion(root: string): Promise<string> {
  const manifest = await readFile(`${root}/packages/client/package.json`, 'utf8');
  const { version } = JSON.parse(manifest) as { version: string };
  const names = (await readdir(`${root}/.changeset`)).filter((name) => /^(?!README\.md$).*\.md$/.test(name));
  const texts = await Promise.all(names.map((name) => readFile(`${root}/.changeset/${name}`, 'utf8')));
  const levels = texts.flatMap((text) => levelOf(text) ?? []);
  const [major = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (levels.includes('major')) return `${major + 1}.0.0`;
  if (levels.includes('minor')) return `${major}.${minor + 1}.0`;
  return levels.includes('patch') ? `${major}.${minor}.${patch + 1}` : version;
}

/** How much a changeset raises the client's version; nothing when it is about something else. */
function levelOf(changeset: string): string | undefined {
  const [, head = ''] = /^---\n([\s\S]*?)^---$/m.exec(changeset) ?? [];
  return new RegExp(`^['"]?${CLIENT}['"]?: *(\\w+)`, 'm').exec(head)?.[1];
}

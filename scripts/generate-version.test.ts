import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API_VERSION } from '@online-cinema/server/http/openapi-version.gen';
import { expect, test } from 'vitest';
import { planVersion } from './generate-version.ts';

test.for<[string, Record<string, string>, string]>([
  ['the package’s own, when nothing waits', {}, '1.4.2'],
  ['the next patch', { fix: 'patch' }, '1.4.3'],
  ['the next minor', { fix: 'patch', feature: 'minor' }, '1.5.0'],
  ['the next major, whatever else waits', { feature: 'minor', break: 'major', fix: 'patch' }, '2.0.0'],
])('the next release gets %s', async ([, levels, version]) => {
  const root = await mkdtemp(join(tmpdir(), 'plan-version-'));
  try {
    await mkdir(join(root, 'packages/client'), { recursive: true });
    await mkdir(join(root, '.changeset'));
    await writeFile(join(root, 'packages/client/package.json'), JSON.stringify({ version: '1.4.2' }));
    await writeFile(join(root, '.changeset/README.md'), "---\n'@online-cinema/client': major\n---\n");
    for (const [name, level] of Object.entries(levels)) {
      await writeFile(
        join(root, `.changeset/${name}.md`),
        `---\n'@online-cinema/client': ${level}\n---\n\nA major: no.\n`,
      );
    }
    expect(await planVersion(root)).toBe(version);
  } finally {
    await rm(root, { recursive: true });
  }
});

test('the document has the version of the client', async () => {
  expect(API_VERSION).toBe(await planVersion(fileURLToPath(new URL('..', import.meta.url))));
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLIENT_FOLDER = fileURLToPath(new URL('../packages/client', import.meta.url));

/** Packs the client into a folder, and gives the tarball's path. */
export function packClient(folder: string): string {
  const output = execFileSync('pnpm', ['pack', '--json', '--pack-destination', folder], {
    cwd: CLIENT_FOLDER,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // What the build says comes first; the answer is the object at the end.
  const { filename } = JSON.parse(output.slice(output.indexOf('{'))) as { filename: string };
  return join(folder, basename(filename));
}

/**
 * Makes an empty project in a folder, with the client installed from its packed tarball as a customer would get it.
 *
 * @returns the tarball's path.
 */
export function installPackedClient(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tarball = packClient(folder);
  const dependencies = { '@online-cinema/client': `file:./${basename(tarball)}` };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }, null, 2));
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return tarball;
}

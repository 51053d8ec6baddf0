import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLIENT_FOLDER = fileURLToPath(new URL('../packages/client', import.meta.url));

/**
 * Makes an empty project in a folder, with the client installed from its packed tarball as a customer would get it.
 *
 * @returns the tarball's path.
 */
export function installPackedClient(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run('pnpm', ['pack', '--pack-destination', folder], CLIENT_FOLDER);
  const tarball = readdirSync(folder).find((file) => file.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('pnpm pack made no tarball.');
  const manifest = { private: true, type: 'module', dependencies: { '@online-cinema/client': `file:./${tarball}` } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'], folder);
  return join(folder, tarball);
}

function run(command: string, args: string[], cwd: string): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

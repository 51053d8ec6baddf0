import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The compilers customers have, each under a name of its own. */
export const COMPILERS: Readonly<Record<string, string>> = {
  'typescript-5.7': 'npm:typescript@5.7.3',
  'typescript-5.9': 'npm:typescript@5.9.3',
  'typescript-6.0': 'npm:typescript@6.0.3',
  'typescript-7.0': 'npm:typescript@7.0.2',
};

/** What judges packages, and what bundles them. */
export const JUDGES: Readonly<Record<string, string>> = {
  publint: '0.3.25',
  '@arethetypeswrong/cli': '0.18.5',
  esbuild: '0.28.2',
};

/** The Nodes customers run, beside the one that runs this. */
export const NODES: Readonly<Record<number, string>> = { 20: '20.20.2', 22: '22.23.3', 24: '24.21.0' };

const TOOLS = fileURLToPath(new URL('../../.tools', import.meta.url));

/** Gives the program of a Node, fetched from the registry once; null where there is none of it for this machine. */
export async function fetchNode(version: string): Promise<string | null> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const folder = join(TOOLS, `node-${version}`);
  const program = join(folder, 'node_modules', name, process.platform === 'win32' ? 'bin/node.exe' : 'bin/node');
  if (existsSync(program)) return program;
  const draft = `${folder}.${process.pid}`;
  await mkdir(draft, { recursive: true });
  try {
    execFileSync('npm', ['install', '--prefix', draft, '--no-audit', '--no-fund', '--silent', `${name}@${version}`], {
      stdio: 'ignore',
    });
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
    return program;
  } catch {
    await rm(draft, { recursive: true, force: true });
    return null;
  }
}

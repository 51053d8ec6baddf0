import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STOREFRONT = join(ROOT, 'apps/storefront');
const SOURCES = [join(STOREFRONT, 'src'), join(STOREFRONT, 'index.html'), join(ROOT, 'packages/client/src')];

/** Builds the web app where its build is missing or older than its sources, and gives its folder. */
export function ensureStorefront(): string {
  const dist = join(STOREFRONT, 'dist');
  const builtAt = changedAt(join(dist, 'index.html'));
  if (builtAt === 0 || SOURCES.some((source) => changedAt(source) > builtAt)) {
    execFileSync('pnpm', ['--filter', '@online-cinema/storefront', 'run', 'build'], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return dist;
}

/** When the newest file at or below a path changed, in ms; 0 when there is none. */
function changedAt(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}

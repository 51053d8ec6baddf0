/** Runs the tour (`demo/tour.ts`) with the packed client in a project of its own, against the running cinema. */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPorts } from './dev/ports.ts';
import { installPackedClient } from './pack-client.ts';

const TOUR = fileURLToPath(new URL('demo/tour.ts', import.meta.url));

const ports = readPorts(process.env);
const folder = resolve(process.env['DATA_DIR'] || '.data', 'demo');
console.log('Packing the client and installing it in an empty project…');
installPackedClient(folder);
copyFileSync(TOUR, join(folder, 'tour.ts'));

const { status } = spawnSync(process.execPath, ['tour.ts'], {
  cwd: folder,
  stdio: 'inherit',
  env: {
    ...process.env,
    CINEMA_URL: process.env['CINEMA_URL'] || `http://localhost:${ports.PORT}`,
    INBOX_URL: process.env['INBOX_URL'] || `http://localhost:${ports.INBOX_PORT}`,
  },
});
process.exit(status ?? 1);

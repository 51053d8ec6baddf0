/** Runs the tour (`demo/tour.ts`) with the packed client in a project of its own, against the running cinema. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPorts } from './dev/ports.ts';
import { installPackedClient } from './pack-client.ts';

const TOUR = fileURLToPath(new URL('demo/tour.ts', import.meta.url));

if (existsSync('.env')) process.loadEnvFile('.env');
const ports = readPorts(process.env);
const cinemaUrl = process.env['CINEMA_URL'] || `http://localhost:${ports.PORT}`;
if (!(await answers(`${cinemaUrl}/livez`))) {
  console.error(`No cinema at ${cinemaUrl}: run npm start first, or say with PORT or CINEMA_URL where it is.`);
  process.exit(1);
}
const folder = resolve(process.env['DATA_DIR'] || '.data', 'demo');
console.log('Packing the client and installing it in an empty project…');
installPackedClient(folder);
copyFileSync(TOUR, join(folder, 'tour.ts'));

const { status } = spawnSync(process.execPath, ['tour.ts'], {
  cwd: folder,
  stdio: 'inherit',
  env: {
    ...process.env,
    CINEMA_URL: cinemaUrl,
    INBOX_URL: process.env['INBOX_URL'] || `http://localhost:${ports.INBOX_PORT}`,
  },
});
process.exit(status ?? 1);

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    (response) => response.ok,
    () => false,
  );
}

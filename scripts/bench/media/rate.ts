import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const NGINX = '/usr/sbin/nginx';

/** Reads an address to its end, as fast as it comes: bytes a second. */
export async function measureRate(address: string): Promise<number> {
  const { stdout } = await promisify(execFile)('curl', ['-sf', '-o', '/dev/null', '-w', '%{speed_download}', address]);
  return Number(stdout);
}

/** Starts an nginx of our own that serves a folder, as its package sets it up: one worker, sendfile. */
export async function startNginx(folder: string): Promise<AsyncDisposable & { url: string }> {
  const home = await mkdtemp(join(tmpdir(), 'cinema-nginx-'));
  const port = await findFreePort();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (each) => `${each}_temp_path ${home}/${each};`,
  );
  const config = `daemon off; worker_processes 1; pid ${home}/pid; error_log ${home}/error.log; user root;
    events {} http { access_log off; sendfile on; tcp_nopush on; ${paths.join(' ')}
    server { listen 127.0.0.1:${port}; root ${folder}; } }`;
  await writeFile(join(home, 'nginx.conf'), config);
  const child = spawn(NGINX, ['-c', join(home, 'nginx.conf'), '-e', join(home, 'error.log')], { stdio: 'inherit' });
  const exited = once(child, 'exit');
  await Promise.race([once(child, 'spawn'), exited.then(() => Promise.reject(new Error('nginx did not start.')))]);
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 50; tries += 1) {
    if (await fetch(url).catch(() => null)) break;
    await sleep(100);
  }
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/**
 * Runs a script of package.json on a machine that has nothing but Node ≥ 20 and npm:
 *
 *     node scripts/run.mjs <script> [args…]
 *
 * Fetches the pinned pnpm, and Node where the machine's own is too old to run TypeScript, into `.tools/`; installs the
 * dependencies when they changed; runs the script, and keeps what Node compiled for the next start. Plain JavaScript
 * without dependencies, since it runs before there are any. Exits as the script does.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { constants, hostname } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_VERSION = '24.21.0';
const PNPM_VERSION = '12.21.0';
/** The oldest Node that may download the tools, and the oldest that may run the project itself. */
const OLDEST_NODE = [20, 0];
const OLDEST_NODE_FOR_TYPESCRIPT = [24, 11];

const WINDOWS = process.platform === 'win32';
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TOOLS = join(ROOT, '.tools');
const TOOLS_STAMP = join(TOOLS, 'installed.json');
const INSTALL_STAMP = join(ROOT, 'node_modules', '.install-stamp');

/** The lock's holder touches it this often; one left untouched for longer than `STALE_LOCK_MS` has no holder. */
const LOCK_HEARTBEAT_MS = 2_000;
const STALE_LOCK_MS = 30_000;
const LOCK_POLL_MS = 200;

/** The lock file, while this process holds it. */
let heldLock;

/** An error whose message already tells the reader what to do: shown without a stack. */
class Cure extends Error {}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Cure ? `\n${error.message}\n` : error);
  process.exitCode = 1;
}

async function main([script, ...args]) {
  if (!isAtLeast(process.versions.node, OLDEST_NODE)) {
    throw new Cure(`Node ${process.versions.node} is too old. Install Node 20 or newer (https://nodejs.org).`);
  }
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  if (!script || !Object.hasOwn(scripts, script)) {
    throw new Cure(`Usage: node scripts/run.mjs <script> [args…], where <script> is one of
  ${Object.keys(scripts).join('\n  ')}`);
  }

  const path = [join(TOOLS, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const env = { NODE_COMPILE_CACHE: join(TOOLS, 'compiled'), ...process.env, PATH: path };
  // Windows calls it Path, and a child that gets both may read either.
  if (WINDOWS) delete env.Path;

  const tools = wantedTools();
  const fingerprint = fingerprintDependencies();
  if (!isStamped(TOOLS_STAMP, tools) || !isStamped(INSTALL_STAMP, fingerprint)) {
    await withLock(async () => {
      // Whoever held the lock before may have done it already.
      if (!isStamped(TOOLS_STAMP, tools)) await installTools(tools, env);
      if (!isStamped(INSTALL_STAMP, fingerprint)) await installDependencies(fingerprint, env);
    });
  }
  await runScript(script, args, env);
}

function wantedTools() {
  const needsNode = !isAtLeast(process.versions.node, OLDEST_NODE_FOR_TYPESCRIPT);
  return JSON.stringify({
    platform: `${process.platform}-${process.arch}`,
    dependencies: { ...(needsNode && { node: NODE_VERSION }), pnpm: PNPM_VERSION },
  });
}

async function installTools(tools, env) {
  const { dependencies } = JSON.parse(tools);
  const names = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
  console.error(`Fetching ${names.join(' and ')} into ${relative(process.cwd(), TOOLS) || TOOLS} (once)…`);

  // Installed beside its place and moved there when it works: a run that was killed leaves nothing half done, and what
  // npm may still be writing for it, it writes into its own folder.
  for (const name of readdirSync(TOOLS)) if (name.startsWith('fetching-')) remove(join(TOOLS, name));
  const folder = join(TOOLS, `fetching-${process.pid}`);
  mkdirSync(folder);
  // Both packages put their binary in place by an install script, which newer npm runs only for the packages named here.
  const allowScripts = Object.fromEntries(Object.keys(dependencies).map((name) => [name, true]));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies, allowScripts }, null, 2));
  await runQuietly(
    'npm',
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--no-update-notifier',
      '--loglevel=error',
      // What a person's own npmrc may say otherwise.
      '--ignore-scripts=false',
      '--include=optional',
      '--global=false',
      // Offline, npm would try again for minutes.
      '--fetch-retry-mintimeout=1000',
      '--fetch-retry-maxtimeout=5000',
    ],
    { cwd: folder, env },
  );

  rmSync(TOOLS_STAMP, { force: true });
  rmSync(join(TOOLS, 'node_modules'), { recursive: true, force: true, maxRetries: 3 });
  renameSync(join(folder, 'node_modules'), join(TOOLS, 'node_modules'));
  remove(folder);
  for (const [name, version] of Object.entries(dependencies)) {
    const answer = await runQuietly(name, ['--version'], { cwd: TOOLS, env });
    if (answer.trim().replace(/^v/, '') !== version) {
      throw new Cure(`npm installed ${name} ${version} into .tools, but \`${name} --version\` answers ${answer.trim()}.
Delete the folder .tools and try again, or install Node ${OLDEST_NODE_FOR_TYPESCRIPT.join('.')} or newer yourself.`);
    }
  }
  writeFileSync(TOOLS_STAMP, tools);
}

/** Removes a folder as far as possible: a leftover that something still writes to may stay until the next time. */
function remove(folder) {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // the next installation tries again
  }
}

async function installDependencies(fingerprint, env) {
  console.error('Installing the dependencies (only when they change)…');
  rmSync(INSTALL_STAMP, { force: true });
  await runQuietly(
    'pnpm',
    // Development dependencies also under NODE_ENV=production: every script of the root needs them.
    ['install', '--frozen-lockfile', '--prod=false', '--config.confirm-modules-purge=false', '--reporter=append-only'],
    { cwd: ROOT, env },
  );
  writeFileSync(INSTALL_STAMP, fingerprint);
}

/** What the installed dependencies follow from: the lock file and every package.json of the workspace. */
function fingerprintDependencies() {
  const hash = createHash('sha256').update(wantedTools());
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc', ...findManifests(ROOT, 2)]) {
    const path = join(ROOT, file);
    hash.update(`\0${file}\0`);
    if (existsSync(path)) hash.update(readFileSync(path));
  }
  return hash.digest('hex');
}

function findManifests(folder, depth) {
  const manifests = [];
  for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.name === 'package.json') manifests.push(relative(ROOT, path));
    const isOurs = entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.');
    if (isOurs && depth > 0) manifests.push(...findManifests(path, depth - 1));
  }
  return manifests;
}

/** Runs a command and returns what it printed; shows that only when the command fails. */
async function runQuietly(command, args, options) {
  const child = spawn(command, args, { ...options, shell: WINDOWS, stdio: ['ignore', 'pipe', 'pipe'] });
  // It may outlive us, if we are killed: the next command then waits for it too.
  if (heldLock && child.pid) writeFileSync(heldLock, describeHolder(child.pid));
  let output = '';
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text) => ((output += text), (printed += text)));
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  const stopForwarding = forwardSignals(child);
  const { code, signal, error } = await exitOf(child);
  const received = stopForwarding();
  if (received ?? signal) process.kill(process.pid, received ?? signal);
  if (code === 0) return printed;

  if (output) console.error(output.trimEnd());
  if (error?.code === 'ENOENT') {
    const cure =
      command === 'npm' ? 'Install npm: it comes with Node (https://nodejs.org).' : 'Delete .tools and retry.';
    throw new Cure(`${command} was not found. ${cure}`);
  }
  const told = [command, ...args.filter((arg) => !arg.startsWith('-'))].join(' ');
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|error sending request/.test(output)) {
    throw new Cure(`\`${told}\` could not reach the package registry. The first run needs it: connect this machine, or name a
mirror (npm config set registry <url>) or proxy (HTTPS_PROXY), and run the command again.`);
  }
  throw new Cure(`\`${told}\` failed (${error?.message ?? `exit code ${code}`}); its output is above.`);
}

async function runScript(script, args, env) {
  // The dependencies were just looked after, under the lock; pnpm's own check would do it again, outside.
  const child = spawn('pnpm', ['--silent', 'run', script, ...args], {
    cwd: ROOT,
    env: { ...env, pnpm_config_verify_deps_before_run: 'false' },
    shell: WINDOWS,
    stdio: 'inherit',
  });
  const stopForwarding = forwardSignals(child);
  const { code, signal, error } = await exitOf(child);
  stopForwarding();
  if (error) throw error;
  if (signal) process.kill(process.pid, signal);
  // A process that may not end itself by that signal (the first one of a container) says it by its code.
  process.exitCode = signal ? 128 + constants.signals[signal] : code;
}

function exitOf(child) {
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 1, error }));
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
}

/** Hands the signals that stop us to the child until the returned function is called, which says if one came. */
function forwardSignals(child) {
  let received;
  const forward = (signal) => {
    received = signal;
    // Ctrl-C reaches the whole foreground group of a terminal, the child included; a second one would mean "at once".
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
    return received;
  };
}

/** Holds `.tools/lock` while `work` runs, so that two commands in a fresh clone do not install into the same folders. */
async function withLock(work) {
  mkdirSync(TOOLS, { recursive: true });
  const lock = join(TOOLS, 'lock');
  for (let waiting = false; !tryCreate(lock); waiting = true) {
    if (!waiting && !isStale(lock)) console.error('Another command is installing here; waiting for it…');
    removeStaleLock(lock);
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
  heldLock = lock;
  const release = () => rmSync(lock, { force: true });
  const heartbeat = setInterval(() => touch(lock), LOCK_HEARTBEAT_MS);
  process.on('exit', release);
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
    heldLock = undefined;
    process.off('exit', release);
    release();
  }
}

function describeHolder(...children) {
  return JSON.stringify({ host: hostname(), pids: [process.pid, ...children] });
}

/** Creates the file with our name in it; `false` when it exists. */
function tryCreate(path) {
  try {
    const file = openSync(path, 'wx');
    writeFileSync(file, describeHolder());
    closeSync(file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function removeStaleLock(lock) {
  if (!isStale(lock)) return;
  // Only one may remove it, and looks again first: else the second remover would take a lock that was just made anew.
  const breaking = `${lock}.breaking`;
  if (!tryCreate(breaking)) {
    if (isStale(breaking)) rmSync(breaking, { force: true });
    return;
  }
  if (isStale(lock)) rmSync(lock, { force: true });
  rmSync(breaking, { force: true });
}

function isStale(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > STALE_LOCK_MS) return true;
    const { host, pids } = JSON.parse(readFileSync(lock, 'utf8'));
    return host === hostname() && !pids.some(isRunning);
  } catch {
    return false; // just removed, or not written to its end yet
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // taken away by hand: the work goes on
  }
}

function isStamped(path, content) {
  try {
    return readFileSync(path, 'utf8') === content;
  } catch {
    return false;
  }
}

function isAtLeast(version, [wantedMajor, wantedMinor]) {
  const [major, minor] = version.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

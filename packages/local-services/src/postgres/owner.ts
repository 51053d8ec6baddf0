import { accessSync, constants } from 'node:fs';
import { lstat, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';

/** The account that runs Postgres, in the shape `spawn` takes. */
export interface Owner {
  uid: number;
  gid: number;
}

/**
 * Says which account must run the Postgres of `dataDir`: `undefined` is our own one. Postgres refuses to run as root,
 * so root lends it to the owner of the existing files, else to `postgres`, else to `nobody`.
 *
 * @throws Error when root finds no such account.
 */
export async function chooseOwner(dataDir: string): Promise<Owner | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const existing = await stat(join(dataDir, 'PG_VERSION')).catch(() => undefined);
  if (existing && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  const accounts = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = accounts.find(([name]) => name === wanted) ?? [];
    // Two's complement, as macOS writes nobody's -2.
    if (uid && gid) return { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 };
  }
  throw new Error('Postgres does not run as root, and there is no account "postgres" or "nobody" to run it as.');
}

/** Says whether `owner` may read and execute `path`, and walk to it. Files that do not exist yet are not looked at. */
export async function canReach(path: string, owner: Owner): Promise<boolean> {
  const found = await realpath(path).catch(() => undefined);
  if (found === undefined) return await canReach(dirname(path), owner);
  for (let step = found; ; step = dirname(step)) {
    const { mode, uid, gid } = await stat(step);
    const shift = uid === owner.uid ? 6 : gid === owner.gid ? 3 : 0;
    const wanted = step === found ? 0o5 : 0o1;
    if (((mode >> shift) & wanted) !== wanted) return false;
    if (step === dirname(step)) return true;
  }
}

/**
 * Makes the directory for what cannot lie in the project: of root, or in a place we may not write to.
 *
 * @throws Error when somebody else made it first, as we are about to run programs from there.
 */
export async function homeOutside(owner: Owner | undefined): Promise<string> {
  // Not /tmp when root can have a place that survives a reboot.
  const parent = owner && isWritable('/var/lib') ? '/var/lib' : tmpdir();
  const home = join(parent, parent === '/var/lib' ? 'online-cinema' : `online-cinema-${userInfo().uid}`);
  await mkdir(home, { recursive: true, mode: 0o755 });
  const { uid, mode } = await lstat(home);
  const isOurs = process.platform === 'win32' || (uid === process.getuid?.() && (mode & 0o022) === 0);
  if (!isOurs || !(await stat(home)).isDirectory()) throw new Error(`${home} belongs to somebody else; remove it.`);
  if (owner && !(await canReach(home, owner)))
    throw new Error(`The account of Postgres (${owner.uid}) cannot reach ${home}.`);
  return home;
}

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

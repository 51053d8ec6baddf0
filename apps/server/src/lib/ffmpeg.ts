import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism, constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import type { Log } from './log.ts';
import { MediaFault } from './media-fault.ts';
import type { VideoContainer } from './video-container.ts';
import { MOST_PIXELS, MOST_STREAMS, type Probe, PROBE_ENTRIES, readProbe } from './video-probe.ts';

/** A file that stands still while it is read. */
export type VideoInput = { file: string; container: VideoContainer };

/** How ffmpeg is run. */
type RunOptions = {
  args: string[];
  folder: string;
  /** Of the film, as it was probed. */
  durationSeconds: number;
  /** How large its one file may become. Absent: what it makes is bounded by its rate. */
  mostBytes?: number;
  signal: AbortSignal;
  onProgress?: (seconds: number) => void;
};

/** ffmpeg and ffprobe as processes of their own: their input is a stranger's file, so they get nothing but that. */
export type Ffmpeg = {
  /** Tells what of the two can be run; looked for once. */
  find(): Promise<{ ffmpeg: boolean; ffprobe: boolean }>;
  /** Looks into a file. @throws MediaFault when there is no film in it. */
  probe(input: VideoInput, signal: AbortSignal): Promise<Probe>;
  /**
   * Makes something of a file, in a folder: `args` follow the input. No more is read of it than the film is long, and it
   * ends when it takes far longer than such a film does. `onProgress` hears how many seconds of the film are done.
   *
   * @throws MediaFault when ffmpeg gives up, takes too long or writes more than `mostBytes`.
   */
  run(input: VideoInput, options: RunOptions): Promise<void>;
  /** Ends what runs: its jobs fail, and are done again. */
  close(): void;
};

const LOOK_TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 120_000;
/** 8K on a slow machine takes so many times as long to convert as to show; the briefest film may take ten minutes. */
const SLOWNESS = 40;
const LEAST_RUN_MS = 600_000;
const LONGEST_RUN_MS = 12 * 3_600_000;
const MOST_OUTPUT = 1_000_000;
const KEPT_WORDS = 2_000;

/** How many threads a transcode may take: half of the machine, so that what else runs here is not slowed. */
export const TRANSCODE_THREADS = Math.max(1, Math.floor(availableParallelism() / 2));

/** Makes what runs ffmpeg and ffprobe; `searchPath` is where they are looked for when they are named without a folder. */
export function createFfmpeg(options: {
  ffmpegPath: string;
  ffprobePath: string;
  searchPath: string;
  log: Log;
}): Ffmpeg {
  const { ffmpegPath, ffprobePath, searchPath, log } = options;
  const running = new Set<ChildProcess>();
  let isClosed = false;
  const kill = () => running.forEach((child) => child.kill('SIGKILL'));
  // Whoever leaves without closing leaves no transcode behind.
  process.once('exit', kill);

  async function call(
    program: string,
    args: string[],
    how: { folder?: string; signal: AbortSignal; timeoutMs: number; onLine: (line: string) => void },
  ): Promise<{ code: number | null; said: string }> {
    how.signal.throwIfAborted();
    if (isClosed) throw new Error('the cinema is stopping');
    const child = spawn(program, args, {
      ...(how.folder !== undefined && { cwd: how.folder }),
      // None of our secrets.
      env: { PATH: searchPath },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    const stop = () => child.kill('SIGKILL');
    how.signal.addEventListener('abort', stop, { once: true });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      stop();
    }, how.timeoutMs);
    let said = '';
    createInterface({ input: child.stdout }).on('line', how.onLine);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT_WORDS)));
    try {
      return await new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('spawn', () => beNice(child));
        child.once('close', (code) => {
          if (isLate) reject(new MediaFault('The work on this film takes longer than on any film like it.'));
          else resolve({ code, said: said.trim() });
        });
      });
    } finally {
      clearTimeout(timer);
      running.delete(child);
      how.signal.removeEventListener('abort', stop);
      how.signal.throwIfAborted();
    }
  }

  async function canRun(program: string): Promise<boolean> {
    try {
      const { signal } = new AbortController();
      return (await call(program, ['-version'], { signal, timeoutMs: LOOK_TIMEOUT_MS, onLine: () => {} })).code === 0;
    } catch {
      return false;
    }
  }

  async function look(): Promise<{ ffmpeg: boolean; ffprobe: boolean }> {
    const [ffmpeg, ffprobe] = await Promise.all([canRun(ffmpegPath), canRun(ffprobePath)]);
    if (!ffmpeg || !ffprobe) {
      log.warn(
        { ffmpeg, ffprobe },
        'without ffmpeg and ffprobe films are played as they were uploaded, if they are MP4',
      );
    }
    return { ffmpeg, ffprobe };
  }

  let found: Promise<{ ffmpeg: boolean; ffprobe: boolean }> | undefined;
  return {
    find: () => (found ??= look()),
    async probe(input, signal) {
      const args = ['-v', 'error', ...inputArgs(input), '-show_entries', PROBE_ENTRIES, '-of', 'json'];
      let text = '';
      const { code, said } = await call(ffprobePath, args, {
        signal,
        timeoutMs: PROBE_TIMEOUT_MS,
        onLine: (line) => (text = (text + line).slice(0, MOST_OUTPUT)),
      });
      if (code === null) throw new Error(`ffprobe was killed: ${said}`);
      if (code !== 0) throw faultOf(said, 'The file is damaged: it can not be read.');
      return readProbe(text);
    },
    async run(input, { args, folder, durationSeconds, mostBytes, signal, onProgress }) {
      const threads = ['-filter_threads', String(TRANSCODE_THREADS)];
      const common = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', '-progress', 'pipe:1', ...threads];
      // A file may hold more than it says: no more is read beyond that than clocks differ by.
      const most = ['-t', String(Math.ceil(durationSeconds * 1.02) + 2)];
      const limits = mostBytes === undefined ? [] : ['-fs', String(Math.ceil(mostBytes))];
      let writtenBytes = 0;
      const { code, said } = await call(
        ffmpegPath,
        // The name of the file comes last: limits of what is written stand before it.
        [...common, ...most, ...inputArgs(input), ...args.slice(0, -1), ...limits, ...args.slice(-1)],
        {
          folder,
          signal,
          timeoutMs: Math.min(LONGEST_RUN_MS, LEAST_RUN_MS + SLOWNESS * durationSeconds * 1_000),
          onLine(line) {
            const [, name, number] = /^(out_time_us|total_size)=(\d+)$/.exec(line) ?? [];
            if (name === 'total_size') writtenBytes = Number(number);
            else if (name !== undefined) onProgress?.(Number(number) / 1e6);
          },
        },
      );
      // Killed, by `close` or by the system: that tells nothing of the file.
      if (code === null) throw new Error(`ffmpeg was killed: ${said}`);
      if (code !== 0) throw faultOf(said, 'The film could not be converted.');
      // It ends there, and calls that a success.
      if (mostBytes !== undefined && writtenBytes >= mostBytes) {
        throw new MediaFault('What becomes of this film is larger than any film of its length.');
      }
    },
    close() {
      isClosed = true;
      process.removeListener('exit', kill);
      kill();
    },
  };
}

// What is wrong with the machine, in the words of its system: of the file it tells nothing. That memory is missing ffmpeg
// also says of files that claim too much.
const PASSING = /No space left on device|Disk quota exceeded|Too many open files|Read-only file system/;

function faultOf(said: string, sentence: string): Error {
  return PASSING.test(said) ? new Error(said) : new MediaFault(sentence, { cause: new Error(said) });
}

/**
 * The form is what the bytes said, so that no playlist can pass for a film and name other files; and only files are read.
 * Pictures may become larger on their way, and streams more: that is looked to while it is read.
 */
function inputArgs({ file, container }: VideoInput): string[] {
  return [
    ['-protocol_whitelist', 'file', '-format_whitelist', container, '-f', container],
    ['-max_streams', String(MOST_STREAMS), '-max_pixels', String(MOST_PIXELS), '-threads', String(TRANSCODE_THREADS)],
    ['-i', `file:${file}`],
  ].flat();
}

function beNice({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { availableParallelism, constants, setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { Log } from './log.ts';
import { MOST_SECONDS, type VideoContainer } from './video-container.ts';

/** What ffprobe found in a file. */
export type Probe = {
  durationSeconds: number;
  /** As it is shown: turned, where the file says so. */
  width: number;
  height: number;
  videoCodec: string;
  pixelFormat: string;
  audioCodec: string | null;
  bitrate: number | null;
};

/** A file that stands still while it is read. */
export type VideoInput = { file: string; container: VideoContainer };

/** What was wrong with a file: a sentence for the one who sent it. */
export class MediaFault extends Error {}

/** ffmpeg and ffprobe as processes of their own: their input is a stranger's file, so they get nothing but that. */
export type Ffmpeg = {
  /** Tells what of the two can be run; looked for once. */
  find(): Promise<{ ffmpeg: boolean; ffprobe: boolean }>;
  /** Looks into a file. @throws MediaFault when there is no film in it. */
  probe(input: VideoInput, signal: AbortSignal): Promise<Probe>;
  /**
   * Makes something of a file, in a folder: `args` follow the input. `onProgress` hears how many seconds of the film are
   * done.
   *
   * @throws MediaFault when ffmpeg gives up.
   */
  run(
    input: VideoInput,
    options: { args: string[]; folder: string; signal: AbortSignal; onProgress?: (seconds: number) => void },
  ): Promise<void>;
  /** Ends what runs: its jobs fail, and are done again. */
  close(): void;
};

const PROBE_TIMEOUT_MS = 120_000;
const MOST_OUTPUT = 1_000_000;
const KEPT_WORDS = 2_000;
/** In each direction: 8K. Whatever says it is larger would take all memory. */
const MOST_PIXELS = 8_192;

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
    how: { folder?: string; signal: AbortSignal; onLine: (line: string) => void },
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
    let said = '';
    createInterface({ input: child.stdout }).on('line', how.onLine);
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-KEPT_WORDS)));
    try {
      return await new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('spawn', () => beNice(child));
        child.once('close', (code) => resolve({ code, said: said.trim() }));
      });
    } finally {
      running.delete(child);
      how.signal.removeEventListener('abort', stop);
      how.signal.throwIfAborted();
    }
  }

  async function canRun(program: string): Promise<boolean> {
    try {
      const signal = AbortSignal.timeout(10_000);
      return (await call(program, ['-version'], { signal, onLine: () => {} })).code === 0;
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
      const args = ['-v', 'error', ...inputArgs(input), '-show_format', '-show_streams', '-of', 'json'];
      let text = '';
      const { code, said } = await call(ffprobePath, args, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]),
        onLine: (line) => (text = (text + line).slice(0, MOST_OUTPUT)),
      });
      if (code !== 0) throw new MediaFault('The file is damaged: it can not be read.', { cause: new Error(said) });
      return toProbe(text);
    },
    async run(input, { args, folder, signal, onProgress }) {
      const common = ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', '-progress', 'pipe:1'];
      const { code, said } = await call(ffmpegPath, [...common, ...inputArgs(input), ...args], {
        folder,
        signal,
        onLine(line) {
          const microseconds = /^out_time_us=(\d+)$/.exec(line)?.[1];
          if (microseconds !== undefined) onProgress?.(Number(microseconds) / 1e6);
        },
      });
      if (code === 0) return;
      // Killed, by `close` or by the system: that tells nothing of the file.
      if (code === null) throw new Error(`ffmpeg was killed: ${said}`);
      throw new MediaFault('The film could not be converted.', { cause: new Error(said) });
    },
    close() {
      isClosed = true;
      process.removeListener('exit', kill);
      kill();
    },
  };
}

// The form is what the bytes said, so that no playlist can pass for a film and name other files; and only files are read.
function inputArgs({ file, container }: VideoInput): string[] {
  return ['-protocol_whitelist', 'file', '-f', container, '-i', `file:${file}`];
}

function beNice({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended already.
  }
}

const Num = z.coerce.number().positive().optional().catch(undefined);
const Stream = z.object({
  codec_type: z.string().optional(),
  codec_name: z.string().default('unknown'),
  pix_fmt: z.string().default('unknown'),
  width: Num,
  height: Num,
  duration: Num,
  disposition: z.object({ attached_pic: z.number().optional() }).optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
});
const Found = z.object({
  streams: z.array(Stream),
  format: z.object({ duration: Num, bit_rate: Num }),
});

function toProbe(text: string): Probe {
  const { streams, format } = Found.parse(JSON.parse(text));
  const video = streams.find((each) => each.codec_type === 'video' && each.disposition?.attached_pic !== 1);
  if (!video?.width || !video.height) throw new MediaFault('There is no picture in this file.');
  if (Math.max(video.width, video.height) > MOST_PIXELS) {
    throw new MediaFault(`The picture is larger than ${MOST_PIXELS} pixels in a direction.`);
  }
  const durationSeconds = format.duration ?? video.duration;
  if (durationSeconds === undefined) throw new MediaFault('The file does not say how long the film is.');
  // Its storyboard, a line for each few seconds, would take all memory.
  if (durationSeconds >= MOST_SECONDS) throw new MediaFault('The file says that it is longer than any film.');
  const turn = video.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  const [width, height] = Math.abs(turn) % 180 === 90 ? [video.height, video.width] : [video.width, video.height];
  return {
    durationSeconds,
    width,
    height,
    videoCodec: video.codec_name,
    pixelFormat: video.pix_fmt,
    audioCodec: streams.find((each) => each.codec_type === 'audio')?.codec_name ?? null,
    bitrate: format.bit_rate === undefined ? null : Math.round(format.bit_rate),
  };
}

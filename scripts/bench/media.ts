/**
 * Serves a film of 2 GB to fifty slow readers at once and prints what memory that takes, what it does to the catalogue, and
 * what a single fast reader gets of it beside nginx, which sends the same file. Needs Linux, curl, and nginx for the latter.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openDeps } from '@online-cinema/server/app';
import { readConfig } from '@online-cinema/server/config';
import { insertReadyAsset } from '@online-cinema/server/media/queries';
import { startPlayback } from '@online-cinema/server/playback/service';
import { sql } from 'kysely';
import { startMeasuredCinema } from './cinema.ts';
import { measureRate, startNginx } from './media/rate.ts';
import { startSlowReader } from './media/slow-reader.ts';
import { median } from './timing/statistics.ts';

const FILM_BYTES = 2 * 1_024 ** 3;
const READERS = 50;
/** Two megabits: what a film needs. */
const BYTES_PER_SECOND = 250_000;
const SECONDS = 20;
const ROUNDS = 5;

await using cinema = await startMeasuredCinema({ PROCESS: 'api' });
const { deps, close } = await openDeps({ config: readConfig({ ...cinema.env, PROCESS: 'api', LOG_LEVEL: 'warn' }) });
await using _ = { [Symbol.asyncDispose]: close };
const folder = 'media/film';
const file = join(cinema.env.DATA_DIR, 'storage', folder, 'movie.mp4');
const address = await addFilm();

// As it is after a while, and not just started.
await readCatalogue(500);
const quietMs = await readCatalogue(500);
const restMb = memoryMb();
let peakMb = 0;
const watcher = setInterval(() => (peakMb = Math.max(peakMb, memoryMb())), 100);
const readers = Array.from({ length: READERS }, () => startSlowReader(address, BYTES_PER_SECOND));
// By then the buffers of the kernel are full.
await sleep(5_000);
const readersMb = peakMb;
const busyMs = await readCatalogue(500);
await sleep(SECONDS * 1_000);
clearInterval(watcher);
const read = readers.map((reader) => reader.stop());
await sleep(1_000);
const again = await readCatalogue(500);

console.log(`${READERS} readers of ${FILM_BYTES / 1_024 ** 3} GB at ${BYTES_PER_SECOND / 1_000} kB/s:`);
console.log(`- each got ${Math.min(...read)} to ${Math.max(...read)} bytes`);
const ofMemory = [
  `${restMb.toFixed(0)} before`,
  `${readersMb.toFixed(0)} with the readers`,
  `${peakMb.toFixed(0)} at most`,
];
console.log(`- memory, MB: ${ofMemory.join(', ')}`);
console.log(`- files still open after they hung up: ${openFiles()}`);
console.log(
  `- a page of the catalogue, ms: ${describe(quietMs)} before, ${describe(busyMs)} meanwhile, ${describe(again)} after`,
);

await using nginx = await startNginx(join(cinema.env.DATA_DIR, 'storage', folder));
const rates: { ours: number; theirs: number }[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  rates.push({ ours: await measureRate(address), theirs: await measureRate(`${nginx.url}/movie.mp4`) });
}
const ratios = rates.map(({ ours, theirs }) => ours / theirs).toSorted((a, b) => a - b);
const inMb = (name: 'ours' | 'theirs') => (median(rates.map((rate) => rate[name])) / 1e6).toFixed(0);
console.log(`One reader, median of ${ROUNDS} rounds: ${inMb('ours')} MB/s, nginx ${inMb('theirs')} MB/s.`);
console.log(`Ratio: ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`);

/** A film that is as long as it says and holds nothing, and an address of it. */
async function addFilm(): Promise<string> {
  await mkdir(join(file, '..'), { recursive: true });
  await using handle = await open(file, 'w');
  await handle.truncate(FILM_BYTES);
  const { rows } = await sql<{ userId: string; movieId: string }>`
    with certification as (insert into certifications (name) values ('PG') returning id),
      movie as (
        insert into movies (slug, name, year, time, imdb, votes, description, certification_id)
        select 'film-' || number, 'Film ' || number, 2000, 100, 7, number, 'A film.', id
        from certification, generate_series(1, 1000) as number returning id, slug),
      viewer as (insert into users (email, is_active, activated_at) values ('viewer@bench.example', true, now()) returning id)
    insert into library_movies (user_id, movie_id) select viewer.id, movie.id from viewer, movie where slug = 'film-1'
    returning user_id as "userId", movie_id as "movieId"`.execute(deps.db);
  const { userId = '', movieId = '' } = rows[0] ?? {};
  await insertReadyAsset(deps.db, {
    movieId,
    kind: 'feature',
    folder,
    sizeBytes: FILM_BYTES,
    durationSeconds: 7_200,
    width: 1_920,
    height: 1_080,
    files: [{ path: 'movie.mp4', kind: 'mp4', contentType: 'video/mp4', sizeBytes: FILM_BYTES }],
    tracks: [],
  });
  const { src } = await startPlayback(deps, userId, { movieId });
  return src.replace(cinema.env.PUBLIC_URL, cinema.url);
}

/** Asks for pages one after the other, none of them remembered; how long each took, in ms. */
async function readCatalogue(count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    const answer = await fetch(`${cinema.url}/api/v1/movies?limit=20&yearFrom=${index}`);
    if (!answer.ok) throw new Error(`The catalogue answered ${answer.status}`);
    await answer.arrayBuffer();
    times.push(performance.now() - startedAt);
  }
  return times;
}

function describe(times: number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  return `${median(times).toFixed(1)} (99 %: ${(sorted[Math.floor(sorted.length * 0.99)] ?? NaN).toFixed(1)})`;
}

function memoryMb(): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${cinema.pid}/status`, 'utf8'))?.[1]) / 1_024;
}

function openFiles(): number {
  const descriptors = `/proc/${cinema.pid}/fd`;
  return readdirSync(descriptors).filter((name) => {
    try {
      return readlinkSync(join(descriptors, name)) === file;
    } catch {
      // Closed between the listing and the look.
      return false;
    }
  }).length;
}

import { toEven } from './picture-size.ts';

/** Of a picture; a narrow one is less wide, so that no sheet becomes too tall. */
const WIDTH_PX = 160;
const MOST_HEIGHT_PX = 320;
/** Tiles of a sheet, in each direction. */
const GRID = 10;
const LONGEST_INTERVAL_SECONDS = 10;
const LEAST_TILES = 20;

/** The file that says which picture belongs to which moment. */
export const STORYBOARD_PATH = 'storyboard/storyboard.vtt';

/** How a film is shown in small pictures. */
export type Storyboard = { intervalSeconds: number; widthPx: number; heightPx: number; tileCount: number };

/** Plans one picture each ten seconds; of a short film, some twenty. */
export function planStoryboard(film: { durationSeconds: number; width: number; height: number }): Storyboard {
  const wanted = Math.ceil(film.durationSeconds / LEAST_TILES);
  const intervalSeconds = Math.min(LONGEST_INTERVAL_SECONDS, Math.max(1, wanted));
  const scale = Math.min(WIDTH_PX / film.width, MOST_HEIGHT_PX / film.height);
  return {
    intervalSeconds,
    widthPx: toEven(scale * film.width),
    heightPx: toEven(scale * film.height),
    tileCount: Math.max(1, Math.ceil(film.durationSeconds / intervalSeconds)),
  };
}

/** What makes the sheets, in the folder ffmpeg runs in. */
export function storyboardArgs({ intervalSeconds, widthPx, heightPx, tileCount }: Storyboard): string[] {
  const filters = `fps=1/${intervalSeconds},scale=${widthPx}:${heightPx},tile=${GRID}x${GRID}`;
  return [
    ['-map', '0:V:0', '-an', '-vf', filters, '-q:v', '5', '-threads', '1'],
    // One more than there should be: a film may be a little longer than it says.
    ['-frames:v', String(Math.ceil(tileCount / GRID ** 2) + 1), '-f', 'image2', 'sheet-%03d.jpg'],
  ].flat();
}

/** Writes which part of which sheet belongs to which moment. */
export function storyboardVtt(plan: Storyboard, durationSeconds: number): string {
  const { intervalSeconds, widthPx, heightPx, tileCount } = plan;
  const cues = Array.from({ length: tileCount }, (_, index) => {
    const sheet = String(Math.floor(index / GRID ** 2) + 1).padStart(3, '0');
    const [column, row] = [index % GRID, Math.floor((index % GRID ** 2) / GRID)];
    const [start, end] = [index * intervalSeconds, Math.min(durationSeconds, (index + 1) * intervalSeconds)];
    const place = [column * widthPx, row * heightPx, widthPx, heightPx].join(',');
    return `${toTime(start)} --> ${toTime(end)}\nsheet-${sheet}.jpg#xywh=${place}\n`;
  });
  return `WEBVTT\n\n${cues.join('\n')}`;
}

function toTime(seconds: number): string {
  const ms = Math.round(seconds * 1_000);
  const part = (value: number, digits: number) => String(Math.floor(value)).padStart(digits, '0');
  return `${part(ms / 3_600_000, 2)}:${part((ms / 60_000) % 60, 2)}:${part((ms / 1_000) % 60, 2)}.${part(ms % 1_000, 3)}`;
}

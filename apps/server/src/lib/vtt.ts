const TIMING =
  /^(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t]+\S.*)?$/;

/**
 * Tells what keeps bytes from being WebVTT with cues in it, in a sentence that names the line; `null`: nothing does.
 * Browsers skip what they can't read; whoever sends captions would rather know.
 *
 * @see https://www.w3.org/TR/webvtt1/#file-structure
 */
export function findVttFault(bytes: Uint8Array): string | null {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return 'The file is not UTF-8.';
  }
  if (text.includes('\0')) return 'The file has a character that no text has.';
  const lines = text.split(/\r\n|\n|\r/);
  if (!/^WEBVTT(?:[ \t].*)?$/.test(lines[0] ?? '')) return 'Line 1: a WebVTT file begins with WEBVTT.';
  let cues = 0;
  for (const { first, block } of blocksOf(lines)) {
    if (first === 1 || /^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/.test(block[0] ?? '')) continue;
    // A cue may have a name before its times.
    const at = block[0]?.includes('-->') ? 0 : 1;
    const line = block[at];
    if (line === undefined || !line.includes('-->')) return `Line ${first}: there are no times in this block.`;
    const fault = faultOfTimes(line);
    if (fault !== null) return `Line ${first + at}: ${fault}`;
    const next = block.findIndex((each, index) => index > at && each.includes('-->'));
    if (next !== -1) return `Line ${first + next}: an empty line is missing before these times.`;
    cues += 1;
  }
  return cues === 0 ? 'There are no captions in the file.' : null;
}

function faultOfTimes(line: string): string | null {
  const [, ...times] = TIMING.exec(line) ?? [];
  if (times.length === 0) return 'times look like 00:01.000 --> 00:04.000.';
  const [start, end] = [toMs(times.slice(0, 4)), toMs(times.slice(4))];
  return start < end ? null : 'the captions end before they begin.';
}

function toMs([hours, minutes, seconds, ms]: (string | undefined)[]): number {
  return ((Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000 + Number(ms);
}

/** Lines between empty ones, with the number of the first, from 1. */
function* blocksOf(lines: string[]): Generator<{ first: number; block: string[] }> {
  let block: string[] = [];
  for (const [index, line] of [...lines, ''].entries()) {
    if (line !== '') block.push(line);
    else if (block.length > 0) {
      yield { first: index - block.length + 1, block };
      block = [];
    }
  }
}

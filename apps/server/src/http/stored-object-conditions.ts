import type { IncomingHttpHeaders } from 'node:http';
import { namesTag } from '../lib/etag.ts';
import type { ByteRange } from '../lib/storage.ts';

/** A file as it is now. Its tag is a strong one. */
export type FileState = { sizeBytes: number; etag: string; modifiedAt: Date };

/** How a request is answered: with the whole file, a part of it, or none of it. */
type Verdict = { status: 200 | 206; range: ByteRange } | { status: 304 | 412 | 416 };

/** Decides how a request is answered, in the order of RFC 9110, 13.2.2. */
export function weighRequest(method: string, headers: IncomingHttpHeaders, file: FileState): Verdict {
  const whole = { status: 200, range: { start: 0, end: file.sizeBytes - 1 } } as const;
  const modifiedMs = toWholeSeconds(file.modifiedAt.getTime());
  if (headers['if-match'] !== undefined) {
    if (!namesTagStrongly(headers['if-match'], file.etag)) return { status: 412 };
  } else if (modifiedMs > readDate(headers['if-unmodified-since'])) return { status: 412 };
  if (headers['if-none-match'] !== undefined) {
    if (namesTag(headers['if-none-match'], file.etag)) return { status: 304 };
  } else if (modifiedMs <= readDate(headers['if-modified-since'])) return { status: 304 };
  // Ranges are for GET (14.2).
  if (method !== 'GET' || headers.range === undefined || !isUnchanged(headers['if-range'], file)) return whole;
  const range = readRange(headers.range, file.sizeBytes);
  if (range === undefined) return whole;
  return range === null ? { status: 416 } : { status: 206, range };
}

/** Tells whether the file is the one a part of which somebody has. A weak tag says nothing about bytes (13.1.5). */
function isUnchanged(ifRange: string | string[] | undefined, { etag, modifiedAt }: FileState): boolean {
  if (ifRange === undefined || ifRange === etag) return true;
  return readDate(ifRange) === toWholeSeconds(modifiedAt.getTime());
}

/**
 * Reads one range (14.1.2): `null` when it can't be one, or is beyond the end; nothing when it is of another unit or there are
 * several, so that the whole is sent.
 */
function readRange(header: string, sizeBytes: number): ByteRange | null | undefined {
  if (!/^bytes=/i.test(header) || SEVERAL.test(header)) return undefined;
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/i.exec(header) ?? [];
  if (first === '' && last === '') return null;
  if (first === '') {
    if (Number(last) === 0) return null;
    // Of nothing there are no last bytes that could be named.
    return sizeBytes === 0 ? undefined : { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes - 1 };
  }
  const start = Number(first);
  const end = last === '' ? Infinity : Number(last);
  return start >= sizeBytes || end < start ? null : { start, end: Math.min(end, sizeBytes - 1) };
}

const SEVERAL = /^bytes=(?:\d+-\d*|-\d+)(?:\s*,\s*(?:\d+-\d*|-\d+))+$/i;

function namesTagStrongly(ifMatch: string, etag: string): boolean {
  return ifMatch.split(',').some((tag) => tag.trim() === etag || tag.trim() === '*');
}

/** Reads a date in any form of HTTP (5.6.7), in ms; `NaN`, which is neither before nor after, when it is none. */
function readDate(text: string | string[] | undefined): number {
  if (typeof text !== 'string' || !/^[A-Z][a-z]{2,8},? .*\d\d:\d\d:\d\d/.test(text)) return NaN;
  return Date.parse(text.endsWith(' GMT') ? text : `${text} GMT`);
}

function toWholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000;
}

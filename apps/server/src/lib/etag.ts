import { hash } from 'node:crypto';

/** Names a body: a strong `ETag` (RFC 9110, 8.8.3). */
export function etagOf(body: string | Buffer): string {
  return `"${hash('sha256', body, 'base64url')}"`;
}

/** Tells whether an `If-None-Match` names this tag: in a list, as `*`, or weakly. */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.some((tag) => tag === etag || tag === '*');
}

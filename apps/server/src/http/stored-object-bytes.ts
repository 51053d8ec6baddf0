import type { FileHandle } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { ByteRange } from '../lib/storage.ts';
import { LOOK_EVERY_MS, type Meter } from '../playback/served.ts';

const SMALL_BYTES = 64 * 1_024;
const LARGE_BYTES = 1_024 ** 2;
/** So many readers at once have large pieces: fifty slow ones cost no more memory for it. */
const MOST_LARGE = 8;
const MOST_KEPT = 64;
/** Who takes a piece that soon may have a larger one. */
const QUICK_MS = 5;

// A buffer for each piece would be garbage by the gigabyte. One that is sent is used again.
const smallOnes: Buffer[] = [];
const largeOnes: Buffer[] = [];
let largeCount = 0;

/**
 * Sends bytes of a file as fast as they are taken, piece by piece through one buffer, and ends the answer. Whoever hangs up
 * ends it too; what else goes wrong is thrown.
 */
export async function sendBytes(
  response: ServerResponse,
  file: FileHandle,
  { start, end }: ByteRange,
  meter?: Meter | null,
): Promise<void> {
  let wake = () => {};
  response.once('close', () => wake());
  const small = smallOnes.pop() ?? Buffer.allocUnsafeSlow(SMALL_BYTES);
  let isQuick = false;
  // Also while nothing is taken: whoever reads slowly has not gone, and may lose his leave meanwhile.
  const looking = setInterval(() => void meter?.look().catch(() => response.destroy()), LOOK_EVERY_MS).unref();
  try {
    for (let position = start; position <= end && !response.destroyed;) {
      const large = isQuick && end - position >= SMALL_BYTES ? takeLarge() : undefined;
      const buffer = large ?? small;
      try {
        const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, end + 1 - position), position);
        if (bytesRead === 0) throw new Error('The file is shorter than it was.');
        position += bytesRead;
        const looked = meter?.count(bytesRead);
        if (looked) await looked;
        // Written down before the last of it goes: who has read all of a film must not be paid back meanwhile.
        if (position > end) await meter?.end();
        if (response.destroyed) return;
        const startedAt = performance.now();
        const piece = buffer.subarray(0, bytesRead);
        await new Promise<void>((resolve) => {
          wake = resolve;
          response.write(piece, () => resolve());
        });
        isQuick = performance.now() - startedAt < QUICK_MS;
      } finally {
        if (large) giveLarge(large, response.destroyed);
      }
    }
    if (!response.destroyed) response.end();
  } finally {
    clearInterval(looking);
    // After a break, the kernel may not be done with it.
    if (!response.destroyed && smallOnes.length < MOST_KEPT) smallOnes.push(small);
  }
}

function takeLarge(): Buffer | undefined {
  const free = largeOnes.pop();
  if (free || largeCount >= MOST_LARGE) return free;
  largeCount += 1;
  return Buffer.allocUnsafeSlow(LARGE_BYTES);
}

function giveLarge(buffer: Buffer, isInUse: boolean): void {
  if (isInUse) largeCount -= 1;
  else largeOnes.push(buffer);
}

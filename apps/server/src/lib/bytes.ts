/** Bytes as they come, and how many their sender says they are, where he does. */
export type SentBytes = AsyncIterable<Uint8Array> & { announcedBytes?: number | undefined };

/** Reads bytes to their end. */
export async function readBytes(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
}

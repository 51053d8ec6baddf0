import { Readable } from 'node:stream';
import { AwsClient } from 'aws4fetch';
import { type ByteRange, checkKey, isKey, type Storage } from './storage.ts';

/** A bucket of S3, or of something that speaks its protocol. */
export type S3Options = {
  bucket: string;
  region: string;
  /** Where the protocol is spoken, the bucket in the path; absent: AWS, the bucket in the name. */
  endpoint: string | undefined;
  /** Where browsers reach the same; absent: there too. */
  publicEndpoint: string | undefined;
  accessKeyId: string;
  secretAccessKey: string;
};

/** What lies beyond this goes in parts: S3 wants the length of each before it comes. At least 5 MiB. */
const PART_BYTES = 8 * 1_048_576;
const CALL_TIMEOUT_MS = 60_000;
const RETRIES = 3;
/** The longest life of a signed address. */
const LONGEST_LIFE_SECONDS = 604_800;

/** Reads `s3://bucket?endpoint=…&region=…&publicEndpoint=…`; the region is `us-east-1` when it is not named. */
export function readS3Url(storageUrl: string): Omit<S3Options, 'accessKeyId' | 'secretAccessKey'> {
  const { hostname: bucket, searchParams } = new URL(storageUrl);
  const endpoint = searchParams.get('endpoint') ?? undefined;
  const publicEndpoint = searchParams.get('publicEndpoint') ?? undefined;
  return { bucket, endpoint, publicEndpoint, region: searchParams.get('region') ?? 'us-east-1' };
}

/** Keeps objects in a bucket. Readers are sent there, each with an address that is signed for one object and a while. */
export function createS3Storage(options: S3Options): Storage {
  const { bucket, endpoint, publicEndpoint = endpoint, region, accessKeyId, secretAccessKey } = options;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES });
  const baseOf = (at: string | undefined) =>
    at === undefined ? `https://${bucket}.s3.${region}.amazonaws.com` : `${at.replace(/\/+$/, '')}/${bucket}`;
  const base = baseOf(endpoint);
  const publicBase = baseOf(publicEndpoint);

  async function call(
    method: string,
    address: string,
    { body, headers = {} }: { body?: Uint8Array<ArrayBuffer> | string; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
    const request = { method, signal, headers, ...(body !== undefined && { body }) };
    const answer = await client.fetch(`${base}${address}`, request);
    if (answer.ok) return answer;
    const said = /<Code>(\w+)<\/Code>/.exec(await answer.text())?.[1] ?? 'no reason';
    throw new Error(
      `The object storage answered ${answer.status}, ${said}, to ${method} of ${bucket}${address.split('?')[0]}`,
    );
  }

  async function putInParts(key: string, parts: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<void> {
    const uploadId = tagOf(await (await call('POST', `/${key}?uploads=`)).text(), 'UploadId');
    if (uploadId === undefined) throw new Error('The object storage began an upload without an id');
    const upload = `uploadId=${encodeURIComponent(uploadId)}`;
    try {
      let list = '';
      let number = 0;
      for await (const part of parts) {
        number += 1;
        const { headers } = await call('PUT', `/${key}?partNumber=${number}&${upload}`, { body: part });
        list += `<Part><PartNumber>${number}</PartNumber><ETag>${headers.get('etag') ?? ''}</ETag></Part>`;
      }
      const body = `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>`;
      // It may say 200 at once and what went wrong later, in the body.
      const answer = await (await call('POST', `/${key}?${upload}`, { body })).text();
      if (answer.includes('<Error>')) throw new Error(`The object storage did not join the parts of ${key}`);
    } catch (error) {
      await call('DELETE', `/${key}?${upload}`).catch(() => undefined);
      throw error;
    }
  }

  // In parts too: whoever reads slowly holds no connection meanwhile, which the storage would cut.
  async function* read(key: string, within?: ByteRange): AsyncGenerator<Uint8Array> {
    let end = within ? within.end + 1 : Number.POSITIVE_INFINITY;
    for (let start = within?.start ?? 0; start < end; start += PART_BYTES) {
      const range = `bytes=${start}-${Math.min(start + PART_BYTES, end) - 1}`;
      const answer = await call('GET', `/${checkKey(key)}`, { headers: { range } });
      end = Math.min(end, Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? 0));
      yield new Uint8Array(await answer.arrayBuffer());
    }
  }

  async function* list(prefix: string): AsyncGenerator<{ key: string; modifiedAt: Date }> {
    // The first version of this call: where the next page starts is a key, which every server understands alike.
    let marker: string | undefined;
    do {
      const query = new URLSearchParams({ prefix: `${checkKey(prefix)}/`, ...(marker !== undefined && { marker }) });
      const page = await (await call('GET', `?${query.toString()}`)).text();
      marker = undefined;
      for (const [, entry = ''] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
        const [key, modifiedAt] = [tagOf(entry, 'Key'), tagOf(entry, 'LastModified')];
        if (key !== undefined && tagOf(page, 'IsTruncated') === 'true') marker = key;
        // What else lies in the bucket is not ours.
        if (key !== undefined && isKey(key) && modifiedAt) yield { key, modifiedAt: new Date(modifiedAt) };
      }
    } while (marker !== undefined);
  }

  return {
    async put(key, content) {
      checkKey(key);
      let size = 0;
      const parts = inParts(content instanceof Readable ? content : [content], (bytes) => (size += bytes));
      const first = await parts.next();
      if (first.done || first.value.length < PART_BYTES) {
        await call('PUT', `/${key}`, { body: first.done ? new Uint8Array() : first.value });
      } else {
        await putInParts(key, startWith(first.value, parts));
      }
      return size;
    },
    freeBytes: async () => null,
    read,
    async locate(key, { method, contentType, contentDisposition, cacheControl, lifeSeconds }) {
      if (!isKey(key)) return null;
      const life = Math.min(Math.max(Math.floor(lifeSeconds), 1), LONGEST_LIFE_SECONDS);
      const query = new URLSearchParams({
        'X-Amz-Expires': String(life),
        'response-content-type': contentType,
        'response-cache-control': cacheControl,
        ...(contentDisposition !== undefined && { 'response-content-disposition': contentDisposition }),
      });
      const { url } = await client.sign(`${publicBase}/${key}?${query.toString()}`, {
        method,
        aws: { signQuery: true },
      });
      return { url };
    },
    async remove(key) {
      await call('DELETE', `/${checkKey(key)}`);
      for await (const below of list(key)) await call('DELETE', `/${below.key}`);
    },
    list,
    origin: new URL(publicBase).origin,
  };
}

/** Joins and cuts bytes into parts of one size; the last may be shorter. */
async function* inParts(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    count(chunk.length);
    waiting.push(chunk);
    length += chunk.length;
    if (length < PART_BYTES) continue;
    const joined = Buffer.concat(waiting);
    let start = 0;
    for (; joined.length - start >= PART_BYTES; start += PART_BYTES) yield joined.subarray(start, start + PART_BYTES);
    waiting = [joined.subarray(start)];
    length -= start;
  }
  if (length > 0) yield Buffer.concat(waiting);
}

async function* startWith<Item>(first: Item, rest: AsyncIterable<Item>): AsyncGenerator<Item> {
  yield first;
  yield* rest;
}

// Keys, ids and times have no character that XML writes otherwise.
function tagOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

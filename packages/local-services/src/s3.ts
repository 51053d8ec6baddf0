// oxlint-disable-next-line typescript/triple-slash-reference -- the package has no types, and they must go with this file
/// <reference path="./s3/s3rver.d.ts" />
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';

export interface S3 extends AsyncDisposable {
  /** Where the protocol is spoken, the bucket in the path. */
  url: string;
  bucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  stop(): Promise<void>;
}

export interface S3Options {
  /** 0 or absent: a free port. */
  port?: number;
  /** `cinema` when absent. */
  bucket?: string;
}

/** Starts an object storage that speaks S3, with one empty bucket. It checks signatures, and forgets all when it stops. */
export async function startS3({ port = 0, bucket = 'cinema' }: S3Options = {}): Promise<S3> {
  const directory = await mkdtemp(join(tmpdir(), 'cinema-s3-'));
  const address = '127.0.0.1';
  const server = new S3rver({ address, port, silent: true, directory, configureBuckets: [{ name: bucket }] });
  const listening = await server.run();

  let stopping: Promise<void> | undefined;
  async function stop(): Promise<void> {
    await (stopping ??= server.close().then(() => rm(directory, { recursive: true, force: true })));
  }
  return {
    url: `http://${address}:${listening.port}`,
    bucket,
    // The one pair of keys it knows.
    accessKeyId: 'S3RVER',
    secretAccessKey: 'S3RVER',
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

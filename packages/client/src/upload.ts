import { DetailedError, Upload } from 'tus-js-client';
import { openEnvelope, readEnvelopes } from './answers.ts';
import type { CinemaClient } from './assemble.ts';
import { abortError, onAbort } from './signals.ts';

export type MediaUpload = {
  /** The film, by id or by slug. */
  movieId: string;
  kind: 'feature' | 'trailer';
  /** The video: a `File` or `Blob` in a browser, a `Buffer` in Node. */
  file: Blob | Uint8Array;
  /** What the video is called, for the staff. Default: the name of the `File`. */
  filename?: string;
  onProgress?: (sentBytes: number, totalBytes: number) => void;
  /** Ends the upload here; it can be taken up again for a day. */
  signal?: AbortSignal;
  /** Where an upload of this file that was interrupted is, as `onAddress` told it. */
  resumeFrom?: string;
  /** Told where the upload is, so that it can be taken up again: keep it until the upload is done. */
  onAddress?: (address: string) => void;
};

/** How long to wait before a part is sent again. The server keeps what has arrived. */
const RETRY_DELAYS_MS = [0, 1_000, 3_000, 5_000, 10_000];

/**
 * Uploads a video, over as many connections as it takes (tus 1.0). For moderators.
 *
 * @returns the id of the asset: `cinema.media.list` tells when it is ready.
 * @throws CinemaError when the cinema refuses it, another error when the connection is gone for too long; TypeError when
 * `resumeFrom` is elsewhere.
 */
export async function uploadMedia(cinema: CinemaClient, options: MediaUpload): Promise<{ assetId: string }> {
  const { movieId, kind, file, signal, resumeFrom, onProgress, onAddress } = options;
  const filename = options.filename ?? ('name' in file && typeof file.name === 'string' ? file.name : undefined);
  // The app has kept it, and nobody else is to hear the token.
  if (resumeFrom !== undefined && new URL(resumeFrom).origin !== new URL(cinema.$baseUrl).origin) {
    throw new TypeError(`resumeFrom is an address at ${cinema.$baseUrl}, and not ${resumeFrom}`);
  }
  let wasRefused = false;
  let stop = () => {};

  const address = await new Promise<string>((resolve, reject) => {
    const upload = new Upload(file as File, {
      endpoint: `${cinema.$baseUrl}/media-uploads`,
      ...(resumeFrom !== undefined && { uploadUrl: resumeFrom }),
      metadata: { movieId, kind, ...(filename !== undefined && { filename }) },
      retryDelays: RETRY_DELAYS_MS,
      // Where it is kept is the caller's choice: `onAddress`.
      storeFingerprintForResuming: false,
      async onBeforeRequest(request) {
        // A call renews a token that was refused although by this device's clock it should be good.
        if (wasRefused) await cinema.accounts.me.query();
        wasRefused = false;
        request.setHeader('authorization', `Bearer ${await cinema.$session.accessToken()}`);
      },
      onShouldRetry(error, attempt) {
        const status = error.originalResponse?.getStatus() ?? 0;
        wasRefused = status === 401;
        return status === 0 || status >= 500 || [409, 423, 429].includes(status) || (wasRefused && attempt === 0);
      },
      onProgress: (sentBytes, totalBytes) => onProgress?.(sentBytes, totalBytes),
      onUploadUrlAvailable: () => onAddress?.(upload.url ?? ''),
      onSuccess: () => resolve(upload.url ?? ''),
      onError: (error) => reject(toRefusal(error)),
    });
    stop = onAbort(signal, () => {
      void upload.abort();
      if (signal) reject(abortError(signal));
    });
    if (!signal?.aborted) upload.start();
  }).finally(() => stop());
  return { assetId: address.slice(address.lastIndexOf('/') + 1) };
}

function toRefusal(error: Error): Error {
  const response = error instanceof DetailedError ? error.originalResponse : null;
  if (!response) return error;
  const head = { status: response.getStatus(), headers: { get: (name: string) => response.getHeader(name) ?? null } };
  const answer = head as Pick<Response, 'status' | 'headers'>;
  try {
    const [refusal = {}] = readEnvelopes(answer, response.getBody(), 1);
    openEnvelope(refusal, answer);
    return error;
  } catch (refusal) {
    return refusal instanceof Error ? refusal : error;
  }
}

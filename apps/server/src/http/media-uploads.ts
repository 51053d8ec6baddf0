import { isUtf8 } from 'node:buffer';
import { UploadMetadata } from '@online-cinema/contract/media';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { actorOf, type CallingActor } from '../audit.ts';
import type { Context } from '../context.ts';
import { AppError } from '../lib/errors.ts';
import { isUuid } from '../lib/uuid.ts';
import { abandonUpload, beginUpload, continueUpload, lookAtUpload } from '../media/resumable.ts';
import { authorize } from '../trpc.ts';
import { acceptBytes, readBody } from './binary-body.ts';

const VERSION = '1.0.0';
const EXTENSIONS = 'creation,expiration,termination';
const BODY_TYPE = 'application/offset+octet-stream';

/** What a web app of another origin reads of an answer. */
export const UPLOAD_HEADERS = ['tus-resumable', 'upload-offset', 'upload-length', 'upload-metadata', 'upload-expires'];

/**
 * `/media-uploads`: uploads of films that can be resumed, by tus 1.0 with the extensions creation, expiration and
 * termination. For moderators, with a bearer token; the metadata are `movieId`, `kind` and `filename`.
 *
 * @see https://tus.io/protocols/resumable-upload
 */
export async function mountMediaUploads(
  app: FastifyInstance,
  { createContext }: { createContext: (request: FastifyRequest) => Context },
): Promise<void> {
  acceptBytes(app);

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ 'tus-resumable': VERSION, 'cache-control': 'no-store' });
    if (request.method === 'OPTIONS' || request.headers['tus-resumable'] === VERSION) return;
    reply.header('tus-version', VERSION);
    throw new AppError('unsupported_tus_version');
  });

  const open = async (request: FastifyRequest): Promise<{ ctx: Context; actor: CallingActor }> => {
    const ctx = createContext(request);
    return { ctx, actor: actorOf({ caller: await authorize(ctx, 'moderator'), ip: ctx.ip }) };
  };

  app.options('/', async (request, reply) => {
    const { deps } = createContext(request);
    reply.headers({ 'tus-version': VERSION, 'tus-extension': EXTENSIONS, 'tus-max-size': deps.config.mediaMaxBytes });
    return await reply.code(204).send();
  });

  app.post('/', async (request, reply) => {
    const { ctx, actor } = await open(request);
    const metadata = String(request.headers['upload-metadata'] ?? '');
    const { movieId, kind, filename } = readMetadata(metadata);
    const sizeBytes = readNumber(request, 'upload-length');
    if (sizeBytes === 0) throw wrongHeader('upload-length', 'There is nothing to upload.');
    const upload = { movieId, kind, originalName: filename ?? null, sizeBytes, metadata };
    const { assetId, expiresAt } = await beginUpload(ctx.deps, actor, upload);
    reply.headers({ location: `${request.routeOptions.url?.replace(/\/$/, '')}/${assetId}` });
    return await sendExpiry(reply, expiresAt).code(201).send();
  });

  app.route({
    method: 'HEAD',
    url: '/:assetId',
    handler: async (request, reply) => {
      const { ctx } = await open(request);
      const { receivedBytes, sizeBytes, metadata, expiresAt } = await lookAtUpload(ctx.deps, assetIdOf(request));
      reply.headers({ 'upload-offset': receivedBytes, 'upload-length': sizeBytes, 'upload-metadata': metadata });
      return await (expiresAt ? sendExpiry(reply, expiresAt) : reply).code(200).send();
    },
  });

  const patch = async (request: FastifyRequest, reply: FastifyReply) => {
    const { ctx, actor } = await open(request);
    if (request.headers['content-type']?.toLowerCase() !== BODY_TYPE) throw new AppError('unsupported_media_type');
    const { receivedBytes, sizeBytes, expiresAt } = await continueUpload(ctx.deps, actor, {
      assetId: assetIdOf(request),
      offset: readNumber(request, 'upload-offset'),
      read: (limitBytes) => readBody(request, { limitBytes, isLong: true }),
    });
    reply.header('upload-offset', receivedBytes);
    return await (receivedBytes < sizeBytes ? sendExpiry(reply, expiresAt) : reply).code(204).send();
  };
  app.patch('/:assetId', patch);

  const abandon = async (request: FastifyRequest, reply: FastifyReply) => {
    const { ctx, actor } = await open(request);
    await abandonUpload(ctx.deps, actor, assetIdOf(request));
    return await reply.code(204).send();
  };
  app.delete('/:assetId', abandon);

  // For those whose proxies let nothing else through.
  app.post('/:assetId', async (request, reply) => {
    const method = request.headers['x-http-method-override'];
    if (method === 'PATCH') return await patch(request, reply);
    if (method === 'DELETE') return await abandon(request, reply);
    throw new AppError('method_not_allowed');
  });
}

function assetIdOf(request: FastifyRequest): string {
  const { assetId } = request.params as { assetId: string };
  if (!isUuid(assetId)) throw new AppError('not_found');
  return assetId;
}

function sendExpiry(reply: FastifyReply, expiresAt: Date): FastifyReply {
  return reply.header('upload-expires', expiresAt.toUTCString());
}

function readNumber(request: FastifyRequest, name: string): number {
  const text = request.headers[name];
  if (typeof text !== 'string' || !/^\d{1,15}$/.test(text)) throw wrongHeader(name, 'A whole number is missing here.');
  return Number(text);
}

/** Reads `key base64,key base64`. */
function readMetadata(header: string): z.infer<typeof UploadMetadata> {
  const pairs = header
    .split(',')
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .map((pair) => readPair(pair));
  const keys = pairs.map(([key]) => key);
  if (new Set(keys).size < keys.length) throw wrongHeader('upload-metadata', 'A key stands here twice.');
  const known = pairs.filter(([key]) => Object.hasOwn(UploadMetadata.shape, key));
  const result = UploadMetadata.safeParse(Object.fromEntries(known));
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    path: ['upload-metadata', ...path.map(String)],
    message,
  }));
  throw new AppError('invalid_input', { issues });
}

function readPair(pair: string): [key: string, value: string] {
  const [, key, value = ''] = /^([!-+\--~]+)(?: +([A-Za-z0-9+/]*={0,2}))?$/.exec(pair) ?? [];
  if (key === undefined) throw wrongHeader('upload-metadata', 'Keys and values in Base64 belong here.');
  const bytes = Buffer.from(value, 'base64');
  if (!isUtf8(bytes)) throw wrongHeader('upload-metadata', 'A value is no UTF-8.');
  return [key, bytes.toString('utf8')];
}

function wrongHeader(name: string, message: string): AppError {
  return new AppError('invalid_input', { issues: [{ path: [name], message }] });
}

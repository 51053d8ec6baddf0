import { UploadMetadata } from '@online-cinema/contract/media';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { actorOf, type CallingActor } from '../audit.ts';
import type { Context } from '../context.ts';
import { AppError } from '../lib/errors.ts';
import { isUuid } from '../lib/uuid.ts';
import { abandonUpload, beginUpload, continueUpload, findUpload } from '../media/resumable.ts';
import { authorize } from '../trpc.ts';
import { acceptBytes, readBody } from './binary-body.ts';

const VERSION = '1.0.0';
const EXTENSIONS = 'creation,expiration,termination';
const BODY_TYPE = 'application/offset+octet-stream';

/** What a web app of another origin reads of an answer. */
export const UPLOAD_HEADERS = ['tus-resumable', 'upload-offset', 'upload-length', 'upload-expires'];

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
    const { ctx } = await open(request);
    const { movieId, kind, filename } = readMetadata(request.headers['upload-metadata']);
    const sizeBytes = readNumber(request, 'upload-length');
    if (sizeBytes === 0) throw wrongHeader('upload-length', 'There is nothing to upload.');
    const upload = { movieId, kind, originalName: filename ?? null, sizeBytes };
    const { assetId, expiresAt } = await beginUpload(ctx.deps, upload);
    reply.headers({ location: `${request.routeOptions.url?.replace(/\/$/, '')}/${assetId}` });
    return await sendExpiry(reply, expiresAt).code(201).send();
  });

  app.route({
    method: 'HEAD',
    url: '/:assetId',
    handler: async (request, reply) => {
      const { ctx } = await open(request);
      const { receivedBytes, sizeBytes, expiresAt } = await findUpload(ctx.deps, assetIdOf(request));
      reply.headers({ 'upload-offset': receivedBytes, 'upload-length': sizeBytes });
      return await sendExpiry(reply, expiresAt).code(200).send();
    },
  });

  app.patch('/:assetId', async (request, reply) => {
    const { ctx, actor } = await open(request);
    if (request.headers['content-type'] !== BODY_TYPE) throw new AppError('unsupported_media_type');
    const { receivedBytes, sizeBytes, expiresAt } = await continueUpload(ctx.deps, actor, {
      assetId: assetIdOf(request),
      offset: readNumber(request, 'upload-offset'),
      read: (limitBytes) => readBody(request, { limitBytes, isLong: true }),
    });
    reply.header('upload-offset', receivedBytes);
    return await (receivedBytes < sizeBytes ? sendExpiry(reply, expiresAt) : reply).code(204).send();
  });

  app.delete('/:assetId', async (request, reply) => {
    const { ctx, actor } = await open(request);
    await abandonUpload(ctx.deps, actor, assetIdOf(request));
    return await reply.code(204).send();
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

/** Reads `key base64, key base64`. */
function readMetadata(header: string | string[] | undefined): z.infer<typeof UploadMetadata> {
  const pairs = String(header ?? '')
    .split(',')
    .map((pair) => pair.trim().split(' '));
  const found = Object.fromEntries(
    pairs
      .filter(([key]) => key !== undefined && Object.hasOwn(UploadMetadata.shape, key))
      .map(([key = '', value = '']) => [key, Buffer.from(value, 'base64').toString('utf8')]),
  );
  const result = UploadMetadata.safeParse(found);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => ({
    path: ['upload-metadata', ...path.map(String)],
    message,
  }));
  throw new AppError('invalid_input', { issues });
}

function wrongHeader(name: string, message: string): AppError {
  return new AppError('invalid_input', { issues: [{ path: [name], message }] });
}

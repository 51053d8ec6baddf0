import { z } from 'zod';
import { Bytes, Id, Moment, MovieRef } from './common.ts';

/** What a video is of its film. */
export const MEDIA_KINDS = ['feature', 'trailer'] as const;
export const MediaKind = z.enum(MEDIA_KINDS);
export type MediaKind = z.infer<typeof MediaKind>;

/** A video of a film, sent in one piece. */
export const UploadMedia = z.strictObject({ movieId: MovieRef, kind: MediaKind, file: Bytes });

/** What is said of a video that comes by tus. */
export const UploadMetadata = z.object({
  movieId: MovieRef,
  kind: MediaKind,
  /** Only to be shown: what it is, its bytes say. */
  filename: z
    .string()
    .max(255)
    .refine((name) => !/\p{Cc}/u.test(name), 'No control characters.')
    .optional(),
});

export const MediaUploaded = z.object({ assetId: Id }).meta({ id: 'MediaUploaded' });

export const MediaListInput = z.strictObject({ movieId: MovieRef });
export const MediaInput = z.strictObject({ movieId: MovieRef, assetId: Id });

/** How far an asset has come. */
const MEDIA_STATES = ['uploading', 'processing', 'ready', 'failed'] as const;

const FILE_KINDS = ['mp4', 'hls', 'storyboard', 'track', 'source'] as const;

/** The language of captions: a BCP 47 tag, in any case. `EN-us` is `en-US`. */
export const LanguageTag = z
  .string()
  .max(35)
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, { error: 'A language like en or pt-BR.', abort: true })
  .refine((tag) => canonicalTag(tag) !== null, 'A language like en or pt-BR.')
  .overwrite((tag) => canonicalTag(tag) ?? tag)
  .meta({ description: 'A BCP 47 tag.', examples: ['en'] });

const TrackLabel = z.string().trim().min(1).max(100);

export const MediaTrack = z
  .object({
    language: z.string(),
    label: z.string().meta({ examples: ['English'] }),
  })
  .meta({ id: 'MediaTrack' });
export type MediaTrack = z.infer<typeof MediaTrack>;

/** Captions of an asset: WebVTT in UTF-8. */
export const AddTrack = z.strictObject({
  movieId: MovieRef,
  assetId: Id,
  language: LanguageTag,
  label: TrackLabel.optional().meta({ description: 'What players call it. Default: the language in itself.' }),
  file: Bytes,
});

export const TrackInput = z.strictObject({ movieId: MovieRef, assetId: Id, language: LanguageTag });

export const MediaAsset = z
  .object({
    id: Id,
    kind: MediaKind,
    status: z.enum(MEDIA_STATES).meta({
      description: 'uploading: bytes are still to come. processing: it does not play yet. ready: it plays.',
    }),
    progress: z.int().min(0).max(100).meta({
      description:
        'Percent of what the status says: of the bytes; of what makes it play; once it is ready, of streams and storyboard.',
    }),
    error: z.string().nullable().meta({ description: 'What went wrong last.' }),
    originalName: z.string().nullable(),
    sizeBytes: z.int().meta({ description: 'Of what was uploaded, or will be.' }),
    probe: z
      .object({
        duration: z.number().nullable().meta({ description: 'Seconds.' }),
        width: z.int().nullable(),
        height: z.int().nullable(),
        videoCodec: z.string().nullable(),
        audioCodec: z.string().nullable(),
        bitrate: z.int().nullable().meta({ description: 'Bits a second.' }),
      })
      .meta({ description: 'What was found in the file; little where the server has no ffprobe.' }),
    files: z
      .array(z.object({ kind: z.enum(FILE_KINDS), count: z.int(), sizeBytes: z.int() }))
      .meta({ description: 'How many files of a kind there are, and how large they are together.' }),
    tracks: z.array(MediaTrack),
    createdAt: Moment,
  })
  .meta({ id: 'MediaAsset' });
export type MediaAsset = z.infer<typeof MediaAsset>;

export const MediaList = z
  .object({ items: z.array(MediaAsset).meta({ description: 'Newest first.' }) })
  .meta({ id: 'MediaList' });

/** Gives a BCP 47 tag its one spelling, `fr` for `fra`; null when it is none. */
export function canonicalTag(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag)[0] ?? null;
  } catch {
    return null;
  }
}

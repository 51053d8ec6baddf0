import { z } from 'zod';
import { Moment, MovieRef } from './common.ts';

/** Names the film to play, or to play the trailer of. */
export const PlayInput = z.strictObject({ movieId: MovieRef });

const Source = z.object({
  src: z.string(),
  type: z.string().meta({ examples: ['video/mp4'] }),
  width: z.int().nullable(),
  height: z.int().nullable(),
});

const Track = z.object({
  kind: z.literal('captions'),
  src: z.string(),
  language: z.string().meta({ examples: ['en'] }),
  label: z.string().meta({ examples: ['English'] }),
});

/**
 * What a player needs. The addresses of video and captions carry a grant and are good until `expiresAt`; the poster's
 * is public.
 */
export const Playback = z
  .object({
    src: z.string().meta({ description: 'The best source for a plain video element.' }),
    sources: z.array(Source),
    tracks: z.array(Track),
    storyboard: z.string().optional().meta({ description: 'WebVTT of preview pictures, when there is one.' }),
    poster: z.string().nullable(),
    expiresAt: Moment,
    resumeAt: z.number().meta({ description: 'Seconds.' }),
    duration: z.number().meta({ description: 'Seconds.' }),
  })
  .meta({ id: 'Playback' });
export type Playback = z.infer<typeof Playback>;

/** What a player sends while a film runs: where it is. */
export const ProgressInput = z
  .strictObject({
    movieId: MovieRef,
    position: z.number().min(0).max(999_999).meta({ description: 'Seconds.' }),
    duration: z.number().positive().max(999_999).meta({ description: 'Seconds.' }),
  })
  .refine((input) => input.position <= input.duration, {
    path: ['position'],
    message: 'The position is after the end.',
  });

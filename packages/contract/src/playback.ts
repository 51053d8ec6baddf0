import { z } from 'zod';
import { MovieCard } from './catalogue.ts';
import { Id, Moment, MovieRef, PageInput, pageOf } from './common.ts';
import { Progress } from './library.ts';

/** Names the film to play the trailer of. */
export const PlayInput = z.strictObject({ movieId: MovieRef });

const DeviceId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 letters, digits, dashes and underscores.')
  .meta({ description: 'What the player calls itself, always the same; a random text will do.' });

/** Names the film to play, and who plays it. A device that starts anew gives up what it played before. */
export const StartInput = PlayInput.extend({ deviceId: DeviceId.optional() });
export type StartInput = z.infer<typeof StartInput>;

const PlaybackId = Id.meta({ description: '`playbackId` of what was started.' });

/** Names what was started, to go on with it or to end it. */
export const PlaybackInput = PlayInput.extend({ playbackId: PlaybackId });
export type PlaybackInput = z.infer<typeof PlaybackInput>;

const Source = z
  .object({
    src: z.string(),
    type: z.string().meta({ examples: ['application/vnd.apple.mpegurl', 'video/mp4'] }),
    width: z.int().nullable(),
    height: z.int().nullable(),
  })
  .meta({ id: 'PlaybackSource' });

const Track = z
  .object({
    kind: z.literal('captions'),
    src: z.string(),
    language: z.string().meta({ examples: ['en'] }),
    label: z.string().meta({ examples: ['English'] }),
  })
  .meta({ id: 'PlaybackTrack' });

/**
 * What a player needs. The addresses of video, captions and storyboard carry a grant and are good until `expiresAt`: ask
 * for new ones before. The poster's is public.
 */
export const Playback = z
  .object({
    playbackId: Id.optional().meta({ description: 'Absent for a trailer, which takes none of the streams.' }),
    src: z.string().meta({ description: 'The source for a plain video element, which plays everywhere.' }),
    sources: z.array(Source).meta({ description: 'The best first; a player takes the first it can play.' }),
    tracks: z.array(Track),
    storyboard: z.string().optional().meta({ description: 'WebVTT of preview pictures, when there is one.' }),
    poster: z.string().nullable(),
    expiresAt: Moment,
    resumeAt: z.number().meta({ description: 'Seconds; 0 when the film was watched up to its credits.' }),
    duration: z.number().meta({ description: 'Seconds.' }),
  })
  .meta({ id: 'Playback' });
export type Playback = z.infer<typeof Playback>;

/**
 * What a player sends while a film runs: where it is. From its last 8 %, ten minutes at most, a film counts as watched.
 * Of one device, a word with a sequence not above the last one comes late and changes nothing.
 */
export const ProgressInput = z
  .strictObject({
    movieId: MovieRef,
    position: z.number().min(0).max(999_999).meta({ description: 'Seconds.' }),
    duration: z.number().positive().max(999_999).meta({ description: 'Seconds.' }),
    playbackId: PlaybackId.optional(),
    deviceId: DeviceId.optional(),
    sequence: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Grows with each word of the device: a count, or milliseconds since 1970.' }),
  })
  .superRefine(({ position, duration, deviceId, sequence }, context) => {
    if (position > duration) {
      context.addIssue({ code: 'custom', path: ['position'], message: 'The position is after the end.' });
    }
    if (sequence !== undefined && deviceId === undefined) {
      context.addIssue({ code: 'custom', path: ['deviceId'], message: 'A sequence needs the device it is of.' });
    }
  });
export type ProgressInput = z.infer<typeof ProgressInput>;

/** Says whether a film was watched: with `false` it starts at its beginning again. */
export const WatchedInput = PlayInput.extend({ watched: z.boolean() });
export type WatchedInput = z.infer<typeof WatchedInput>;

/** A film that was watched, or begun. */
export const WatchedItem = z.object({ movie: MovieCard, progress: Progress }).meta({ id: 'WatchedItem' });
export type WatchedItem = z.infer<typeof WatchedItem>;

/** Asks for a page of films that were watched or begun. */
export const WatchedListInput = PageInput;

/** A page of films that were watched or begun, the last one first. */
export const WatchedPage = pageOf(WatchedItem).meta({ id: 'WatchedPage' });

/** What an account plays just now. */
export const ActiveStream = z.object({
  playbackId: Id,
  movie: z.object({ id: Id, slug: z.string(), name: z.string() }),
  deviceId: z.string().nullable(),
  startedAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
});
export type ActiveStream = z.infer<typeof ActiveStream>;

import { z } from 'zod';
import { MediaFault } from './media-fault.ts';
import { MOST_SECONDS } from './video-container.ts';

/** What ffprobe found in a file. */
export type Probe = {
  durationSeconds: number;
  /** As it is shown: turned, where the file says so. */
  width: number;
  height: number;
  videoCodec: string;
  pixelFormat: string;
  /** All there are, in their order. */
  sounds: Sound[];
  bitrate: number | null;
};

/** A sound of a film; `index`: where it stands among the sounds of its file. */
export const Sound = z.object({
  index: z.int().min(0),
  /** `unknown`: nobody can read it. */
  codec: z.string(),
  /** As the file says it: `fra`, `en-GB`. Null: it does not. */
  language: z.string().nullable(),
  title: z.string().nullable(),
});
export type Sound = z.infer<typeof Sound>;

/** What is said of a file of sounds only. */
export const NO_PICTURE = 'There is no picture in this file.';

/** In each direction: 8K. Whatever says it is larger would take all memory. */
const MOST_SIDE_PIXELS = 8_192;
/** Of a picture: 8K, with what codecs add at its edges. */
export const MOST_PIXELS = 36_000_000;
/** A film in the languages of the world, with captions in each, has fewer. */
export const MOST_STREAMS = 100;

/** What is asked of ffprobe: nothing a stranger could write at length, but the titles of sounds. */
export const PROBE_ENTRIES = [
  'format=duration,bit_rate',
  'stream=codec_type,codec_name,pix_fmt,width,height,duration',
  'stream_tags=language,title',
  'stream_disposition=attached_pic',
  'stream_side_data=rotation',
].join(':');

const MOST_TITLE_LENGTH = 100;
const LANGUAGE = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/;

const Num = z.coerce.number().positive().optional().catch(undefined);
const Stream = z.object({
  codec_type: z.string().optional(),
  codec_name: z.string().default('unknown'),
  pix_fmt: z.string().default('unknown'),
  width: Num,
  height: Num,
  duration: Num,
  tags: z.object({ language: z.string().optional(), title: z.string().optional() }).optional(),
  disposition: z.object({ attached_pic: z.number().optional() }).optional(),
  side_data_list: z.array(z.object({ rotation: z.number().optional() })).optional(),
});
const Found = z.object({
  streams: z.array(Stream),
  format: z.object({ duration: Num, bit_rate: Num }),
});

/** Reads what ffprobe wrote. @throws MediaFault when that is no film, or one that is too much for us. */
export function readProbe(text: string): Probe {
  const { streams, format } = parse(text);
  const video = streams.find((each) => each.codec_type === 'video' && each.disposition?.attached_pic !== 1);
  if (!video?.width || !video.height) throw new MediaFault(NO_PICTURE);
  if (Math.max(video.width, video.height) > MOST_SIDE_PIXELS || video.width * video.height > MOST_PIXELS) {
    throw new MediaFault('The picture is larger than 8K.');
  }
  const durationSeconds = format.duration ?? video.duration;
  if (durationSeconds === undefined) throw new MediaFault('The file does not say how long the film is.');
  // Its storyboard, a line for each few seconds, would take all memory.
  if (durationSeconds >= MOST_SECONDS) throw new MediaFault('The file says that it is longer than any film.');
  const turn = video.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation ?? 0;
  const [width, height] = Math.abs(turn) % 180 === 90 ? [video.height, video.width] : [video.width, video.height];
  return {
    durationSeconds,
    width,
    height,
    videoCodec: video.codec_name,
    pixelFormat: video.pix_fmt,
    sounds: streams.filter((each) => each.codec_type === 'audio').map(toSound),
    bitrate: format.bit_rate === undefined ? null : Math.round(format.bit_rate),
  };
}

function toSound({ codec_name, tags }: z.infer<typeof Stream>, index: number): Sound {
  const language = tags?.language;
  const letters = [...(tags?.title?.replace(/\p{Cc}+/gu, ' ').trim() ?? '')];
  const title = letters.slice(0, MOST_TITLE_LENGTH).join('');
  const isKnown = language !== undefined && LANGUAGE.test(language) && !language.startsWith('und');
  return { index, codec: codec_name, language: isKnown ? language : null, title: title || null };
}

function parse(text: string): z.infer<typeof Found> {
  try {
    return Found.parse(JSON.parse(text));
  } catch (error) {
    throw new MediaFault('The file is damaged: it can not be read.', { cause: error });
  }
}

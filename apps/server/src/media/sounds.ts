import { join } from 'node:path';
import { canonicalTag } from '@online-cinema/contract/media';
import { z } from 'zod';
import { Sound } from '../lib/video-probe.ts';
import { nameOfLanguage } from './languages.ts';
import { hlsArgs, readRates, SOUND_KBPS } from './ladder.ts';
import type { AssetRow } from './queries.ts';

/** The sounds of an asset that can be read; null: nobody has looked for them. */
export function soundsOf({ sounds }: Pick<AssetRow, 'sounds'>): Sound[] | null {
  return z.array(Sound).nullable().parse(sounds);
}

/** Whether the streams of a film let their viewer choose what to hear; else its one sound is part of each. */
export function isSpokenInMany(sounds: Sound[] | null): sounds is Sound[] {
  return sounds !== null && sounds.length > 1;
}

/** The folder of a sound below the asset's, `place` counted from 0. */
export function soundFolder(place: number): string {
  return `hls/${localFolder(place)}`;
}

function localFolder(place: number): string {
  return `audio-${place + 1}`;
}

/** What takes sounds of a file along; where nobody has looked, the first if there is one. */
export function soundMaps(sounds: Sound[] | null): string[] {
  return sounds === null ? ['-map', '0:a:0?'] : sounds.flatMap(({ index }) => ['-map', `0:a:${index}`]);
}

/** What has an MP4 say of its sounds what their file said. */
export function soundTags(sounds: Sound[] | null): string[] {
  return (sounds ?? []).flatMap(({ language, title }, place) => [
    ...(language === null ? [] : [`-metadata:s:a:${place}`, `language=${language}`]),
    ...(title === null ? [] : [`-metadata:s:a:${place}`, `handler_name=${title}`]),
  ]);
}

/** What makes streams of all sounds at once: each a playlist with its segments, in a folder of its own. */
export function soundStreamArgs(sounds: Sound[]): string[] {
  return sounds.flatMap(({ index }, place) =>
    [
      ['-map', `0:a:${index}`, '-map_metadata', '-1', '-c:a', 'aac', '-b:a', `${SOUND_KBPS}k`, '-ac', '2'],
      // It begins with the picture, and what is missing of it is silence: players put the two together by their times.
      ['-af', 'aresample=async=1:first_pts=0'],
      hlsArgs(localFolder(place)),
    ].flat(),
  );
}

/** The folders sounds are made in, below the one ffmpeg runs in. */
export function localFolders(folder: string, sounds: Sound[]): string[] {
  return sounds.map((_, place) => join(folder, localFolder(place)));
}

/** Tells what the master playlist says of sounds that were made: their bits, name and language. */
export async function describeSounds(folders: string[], sounds: Sound[]): Promise<string[]> {
  const names = namesOf(sounds);
  return await Promise.all(
    sounds.map(async (sound, place) => {
      const language = tagOf(sound);
      const isFirst = sounds.findIndex((each) => tagOf(each) === language) === place;
      return [
        ...(await readRates(folders[place] ?? '')),
        `NAME="${names[place]}"`,
        ...(language === null ? [] : [`LANGUAGE="${language}"`]),
        `DEFAULT=${place === 0 ? 'YES' : 'NO'}`,
        // Players choose by language, of which there is to be one only.
        `AUTOSELECT=${isFirst ? 'YES' : 'NO'}`,
        'CHANNELS="2"',
      ].join(',');
    }),
  );
}

// What a file calls them may be anything; a playlist has no quotes in its names, and no name twice.
function namesOf(sounds: Sound[]): string[] {
  const names: string[] = [];
  for (const [place, sound] of sounds.entries()) {
    const tag = tagOf(sound);
    const name = sound.title?.replaceAll('"', "'") ?? (tag === null ? `Audio ${place + 1}` : nameOfLanguage(tag));
    names.push(names.includes(name) ? `${name} (${place + 1})` : name);
  }
  return names;
}

function tagOf({ language }: Sound): string | null {
  return language === null ? null : canonicalTag(language);
}

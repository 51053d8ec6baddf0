/** A short film to play in the demo catalogue. `make-clips.sh` makes them. */
export interface SeedClip {
  name: string;
  file: URL;
  contentType: 'video/mp4';
  /** In seconds. */
  duration: number;
  /** In pixels. */
  width: number;
  /** In pixels. */
  height: number;
  captions: readonly SeedCaptions[];
}

/** A WebVTT file that goes with a clip. */
export interface SeedCaptions {
  file: URL;
  /** ISO 639-1, as in `<track srclang>`. */
  language: string;
  /** The language's name in the language itself. */
  label: string;
}

/** The clips of the seed catalogue; each has English captions at least. */
export const SEED_CLIPS: readonly SeedClip[] = [
  clip('aurora', 16, ['en', 'de']),
  clip('deep-dive', 14, ['en', 'es']),
  clip('colony', 15, ['en']),
];

function clip(name: string, duration: number, languages: Language[]): SeedClip {
  return {
    name,
    file: new URL(`clips/${name}.mp4`, import.meta.url),
    contentType: 'video/mp4',
    duration,
    width: 640,
    height: 360,
    captions: languages.map((language) => ({
      file: new URL(`clips/${name}.${language}.vtt`, import.meta.url),
      language,
      label: { en: 'English', de: 'Deutsch', es: 'Español' }[language],
    })),
  };
}

type Language = 'en' | 'de' | 'es';

/** A preview picture: from when on it shows the film, and which part of which picture it is, in pixels. */
export type Preview = { start: number; src: string; x: number; y: number; width: number; height: number };

/** Reads the previews of a WebVTT storyboard, whose cues name parts of pictures beside it: `0.jpg#xywh=0,0,160,90`. */
export function readStoryboard(text: string, address: string): Preview[] {
  return text.split(/\r?\n\r?\n/).flatMap((cue) => {
    const [, hours = '0', minutes = '0', seconds = '0'] = /^(?:(\d+):)?(\d\d):(\d\d\.\d{3}) -->/m.exec(cue) ?? [];
    const [, name, ...part] = /^(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)\s*$/m.exec(cue) ?? [];
    if (name === undefined) return [];
    const [x = 0, y = 0, width = 0, height = 0] = part.map(Number);
    const start = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
    return [{ start, src: new URL(name, address).href, x, y, width, height }];
  });
}

import { expect, test } from 'vitest';
import { readStoryboard } from './storyboard.ts';

test('a storyboard gives the previews it names, from their pictures beside it', () => {
  const text = [
    'WEBVTT',
    '00:00.000 --> 00:10.000\n0.jpg#xywh=0,0,160,90',
    'NOTE the next one has hours',
    'two\r\n01:02:03.500 --> 01:02:13.500\r\nmore/1.jpg#xywh=160,90,160,90',
    '00:20.000 --> 00:30.000\nsomething else',
  ].join('\n\n');
  expect(readStoryboard(text, 'https://cinema.test/media/grant/asset/storyboard/storyboard.vtt')).toEqual([
    { start: 0, src: 'https://cinema.test/media/grant/asset/storyboard/0.jpg', x: 0, y: 0, width: 160, height: 90 },
    {
      start: 3_723.5,
      src: 'https://cinema.test/media/grant/asset/storyboard/more/1.jpg',
      x: 160,
      y: 90,
      width: 160,
      height: 90,
    },
  ]);
});

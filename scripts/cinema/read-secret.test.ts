import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { readSecret } from './read-secret.ts';

// On one that is called dumb, Node leaves corrections to the terminal.
beforeAll(() => void vi.stubEnv('TERM', 'xterm'));
afterAll(() => void vi.unstubAllEnvs());

/** A terminal as Node sees one: raw or not, and what stands on its screen. */
function createTerminal() {
  const modes: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode(isRaw: boolean) {
      modes.push(isRaw);
      return input;
    },
  });
  const output = new PassThrough();
  const shown: string[] = [];
  output.on('data', (chunk: Buffer) => shown.push(chunk.toString('utf8')));
  return { input, output, modes, shown };
}

test('a secret is read to the end of its line, corrections and all, and never shown', async () => {
  const { input, output, modes, shown } = createTerminal();
  const reading = readSecret('Password: ', { input, output });
  // The terminal hands over each key, and echoes none: it is raw while somebody types.
  expect(modes).toEqual([true]);
  for (const key of 'Pőpcorn-demo2\u007f1') input.write(key);
  input.write('\r');
  expect(await reading).toBe('Pőpcorn-demo1');
  expect(modes).toEqual([true, false]);
  expect(shown.join('')).toBe('Password: \n');
});

test('two are read one after the other, and none is offered again', async () => {
  const { input, output } = createTerminal();
  const first = readSecret('Password: ', { input, output });
  input.write('one\r');
  expect(await first).toBe('one');
  const second = readSecret('The same again: ', { input, output });
  // The arrow up calls back what was typed before, where something remembers it.
  input.write('\u001b[A\r');
  expect(await second).toBe('');
});

test.for([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
] as const)('%s cancels, and leaves the terminal as it was', async ([, key]) => {
  const { input, output, modes } = createTerminal();
  const reading = readSecret('Password: ', { input, output });
  input.write(key);
  await expect(reading).rejects.toThrow('Canceled');
  expect(modes).toEqual([true, false]);
});

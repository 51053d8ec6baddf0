import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/**
 * Asks for a line on a terminal and shows nothing of what is typed.
 *
 * @throws Error when the question is canceled.
 */
export async function readSecret(
  question: string,
  { input, output }: { input: NodeJS.ReadableStream; output: NodeJS.WritableStream },
): Promise<string> {
  // As a terminal, readline takes over the echo of the keys, and writes it where nobody reads.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  output.write(question);
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('line', resolve);
      lines.once('SIGINT', () => reject(new Error('Canceled.')));
      lines.once('close', () => reject(new Error('Canceled.')));
    });
  } finally {
    lines.close();
    output.write('\n');
  }
}

import { expect, test } from 'vitest';
import { createLog } from './log.ts';

test('an error is logged with its kind, words and place, without the things it carries along', () => {
  const lines: string[] = [];
  const log = createLog('warn', { write: (line) => void lines.push(line) });
  const error = Object.assign(new Error('terminated', { cause: new Error('the wire was cut') }), {
    code: '57P01',
    client: { secretKey: 4_711, statements: ['select 1'] },
  });

  log.warn({ err: error }, 'a database connection broke');
  log.warn({ err: 'only words' }, 'something else');

  const [line = '', other = ''] = lines;
  expect(JSON.parse(line)).toMatchObject({
    msg: 'a database connection broke',
    err: { type: 'Error', code: '57P01', message: expect.stringContaining('terminated') },
  });
  expect(JSON.parse(line).err.stack).toContain('the wire was cut');
  expect(line).not.toContain('4711');
  expect(JSON.parse(other)).toMatchObject({ err: 'only words' });
});

import { startTestApp } from '@online-cinema/server/testing/app';
import { expect, test } from 'vitest';
import { DEMO_ACCOUNTS, DEMO_PASSWORD, seedDemo } from '../seed/seed.ts';
import { listWaysIn } from './ways-in.ts';

test('a cinema with the demo names its accounts, and no setup link', async () => {
  await using app = await startTestApp();
  await seedDemo(app.deps);
  expect(await listWaysIn(app.deps, undefined)).toEqual(
    DEMO_ACCOUNTS.map(({ email, role }) => [`Demo ${role}`, `${email}  ${DEMO_PASSWORD}`]),
  );
});

test('one without the demo gives the link until the first admin has used it, and the same one at each start', async () => {
  await using app = await startTestApp();
  const ways = await listWaysIn(app.deps, '');
  const link = ways[1]?.[1] ?? '';
  expect(ways).toEqual([
    ['First admin', 'admin@cinema.example, once the password is set:'],
    ['', expect.stringMatching(/^http:\/\/cinema\.test\/reset-password\?token=[\w-]{64}$/)],
  ]);
  expect(await listWaysIn(app.deps, 'other@cinema.example')).toEqual(ways);

  const token = new URL(link).searchParams.get('token') ?? '';
  await app.anonymous.accounts.resetPassword.mutate({ token, newPassword: 'Correct-horse1' });
  await app.anonymous.$session.signIn({ email: 'admin@cinema.example', password: 'Correct-horse1' });
  expect((await app.anonymous.accounts.me.query()).role).toBe('admin');
  expect(await listWaysIn(app.deps, undefined)).toEqual([]);
});

test('where a viewer has the address of the first admin, the command line is named instead', async () => {
  await using app = await startTestApp();
  await app.signIn({ email: 'taken@cinema.example' });
  expect(await listWaysIn(app.deps, 'taken@cinema.example')).toEqual([
    ['First admin', 'npm run cinema -- admin create <address>'],
  ]);
});

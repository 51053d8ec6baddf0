import { Secret, TOTP } from 'otpauth';
import { PASSWORD, type RestAnswer, type TestApp, type Viewer } from './app.ts';

/** Somebody with two-factor login on. */
export type CarefulViewer = Viewer & { secret: string; recoveryCodes: string[] };

/** The code an authenticator app shows, some steps of 30 seconds from now. */
export function codeOf({ clock }: Pick<TestApp, 'clock'>, secret: string, steps = 0): string {
  const timestamp = clock.now().getTime() + steps * 30_000;
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp });
}

/** A code that is wrong now and around now. */
export function wrongCodeOf(app: Pick<TestApp, 'clock'>, secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeOf(app, secret, steps));
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) ?? '';
}

/** Signs somebody in and switches two-factor login on; the codes of this moment have not been used. */
export async function signInCarefully(
  app: TestApp,
  account?: Parameters<TestApp['signIn']>[0],
): Promise<CarefulViewer> {
  const viewer = await app.signIn(account);
  const { secret } = await viewer.client.accounts.totp.setup.mutate();
  const { recoveryCodes } = await viewer.client.accounts.totp.enable.mutate({ code: codeOf(app, secret) });
  app.clock.advance(60);
  return { ...viewer, secret, recoveryCodes };
}

/** Takes the first step of a sign-in, and gives what the second needs. */
export async function challengeFor(app: TestApp, { email }: { email: string }, password = PASSWORD): Promise<string> {
  const answer = await app.rest('POST', '/accounts/login', { body: { email, password } });
  if (answer.body.reason !== 'totp_required') throw new Error(`login answered ${JSON.stringify(answer.body)}`);
  return answer.body.challenge as string;
}

/** Takes the second step. */
export async function completeLogin(app: TestApp, body: object): Promise<RestAnswer> {
  return await app.rest('POST', '/accounts/login/totp', { body });
}

/** What a test looks at in a refusal. */
export function refusalOf({ status, body }: RestAnswer): [number, string, true | undefined] {
  return [status, body.reason, body.challengeEnded];
}

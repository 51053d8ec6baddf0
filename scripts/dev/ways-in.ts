import { openSetup } from '@online-cinema/server/admin/new-accounts';
import type { Deps } from '@online-cinema/server/deps';
import { AppError } from '@online-cinema/server/lib/errors';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from '../seed/seed.ts';

/** Whose account the setup link opens, unless `ADMIN_EMAIL` says another. */
const DEFAULT_ADMIN = 'admin@cinema.example';

/** Says how to sign in: as one of the demo accounts that are there, or, until there is an admin, by the setup link. */
export async function listWaysIn(
  deps: Deps,
  adminEmail: string | undefined,
): Promise<[label: string, value: string][]> {
  const emails = DEMO_ACCOUNTS.map(({ email }) => email);
  const found = await deps.db.selectFrom('users').where('email', 'in', emails).select('email').execute();
  const there = DEMO_ACCOUNTS.filter(({ email }) => found.some((row) => row.email === email));
  return [
    ...there.map(({ email, role }): [string, string] => [`Demo ${role}`, `${email}  ${DEMO_PASSWORD}`]),
    ...(await describeSetup(deps, adminEmail || DEFAULT_ADMIN)),
  ];
}

async function describeSetup(deps: Deps, adminEmail: string): Promise<[string, string][]> {
  try {
    const setup = await openSetup(deps, adminEmail);
    return setup
      ? [
          ['First admin', `${setup.email}, once the password is set:`],
          ['', setup.link],
        ]
      : [];
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== 'email_taken') throw error;
    return [['First admin', 'npm run cinema -- admin create <address>']];
  }
}

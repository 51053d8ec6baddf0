import { Email } from '@online-cinema/contract/accounts';
import { selectCredentials } from '@online-cinema/server/accounts/queries';
import { createAdmin, createAdminByLink, createUser } from '@online-cinema/server/admin/new-accounts';
import { resetTotp } from '@online-cinema/server/admin/service';
import { Command, InvalidArgumentError } from 'commander';
import { withCinema } from './environment.ts';
import { readSecret } from './read-secret.ts';

/** `cinema admin …`: the people who run the cinema. */
export function createAdminCommand(): Command {
  const admin = new Command('admin').description('the people who run the cinema');
  admin
    .command('create')
    .description('make an admin: asks for a password, or gives a link that sets one')
    .argument('<email>', 'the address to sign in with', readEmail)
    .option('--link', 'ask for no password, print the link')
    .option('--mail', 'ask for no password, mail the link')
    .action(async (email: string, options: { link?: true; mail?: true }) => {
      const password = options.link || options.mail ? '' : await askPassword();
      await withCinema(async (deps) => {
        if (options.mail) {
          await createUser(deps, null, { email, role: 'admin' });
          console.log(`${email} is an admin as soon as the password is set; the link is on its way.`);
        } else if (password === '') {
          const link = await createAdminByLink(deps, email);
          console.log(`${email} is an admin as soon as the password is set. The link works once:\n${link}`);
        } else {
          await createAdmin(deps, { email, password });
          console.log(`${email} is an admin.`);
        }
      });
    });
  admin
    .command('reset-totp')
    .description('switch two-factor login off for somebody who lost both app and recovery codes')
    .argument('<email>', 'the address to sign in with', readEmail)
    .action(async (email: string) => {
      await withCinema(async (deps) => {
        const user = await selectCredentials(deps.db, email);
        if (!user) throw new Error(`Nobody has the address ${email}.`);
        await resetTotp(deps, null, { userId: user.id });
        console.log(`${email} signs in with the password only from now on. Every device is signed out.`);
      });
    });
  return admin;
}

// Where nobody can be asked, there is no password: what stands on a command line stands in histories and process lists.
async function askPassword(): Promise<string> {
  if (!process.stdin.isTTY) return '';
  const terminal = { input: process.stdin, output: process.stderr };
  const password = await readSecret('Password (none: a link that sets one): ', terminal);
  if (password !== '' && (await readSecret('The same again: ', terminal)) !== password) {
    throw new Error('These were two different passwords.');
  }
  return password;
}

function readEmail(text: string): string {
  const { data, error } = Email.safeParse(text);
  if (error) throw new InvalidArgumentError(error.issues.map(({ message }) => message).join(' '));
  return data;
}

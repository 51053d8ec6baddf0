/** The cinema's command line: `npm run cinema -- --help`. It works on the database the environment names. */
import { existsSync } from 'node:fs';
import { Command } from 'commander';
import { createAdminCommand } from './cinema/admin.ts';
import { describeFailure } from './cinema/failure.ts';
import { createMigrateCommand } from './cinema/migrate.ts';

if (existsSync('.env')) process.loadEnvFile('.env');

const program = new Command('cinema')
  .description('Runs an online cinema from the shell.')
  .showHelpAfterError()
  .addCommand(createAdminCommand())
  .addCommand(createMigrateCommand());

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeFailure(error));
  process.exitCode = 1;
}

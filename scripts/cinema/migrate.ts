import { updateSchema } from '@online-cinema/server/app';
import { readDatabaseConfig } from '@online-cinema/server/config';
import { createLog } from '@online-cinema/server/lib/log';
import { Command } from 'commander';
import { withDatabaseUrl } from './environment.ts';

/** `cinema migrate`: what every start of the server does first. */
export function createMigrateCommand(): Command {
  return new Command('migrate').description('bring the database up to date').action(async () => {
    await updateSchema(readDatabaseConfig(withDatabaseUrl(process.env)), createLog('warn'));
    console.log('The database is up to date.');
  });
}

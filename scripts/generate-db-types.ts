import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// Columns whose check constraint names their values: the generator sees only `text`.
const COLUMNS = {
  'users.role': "Generated<'user' | 'moderator' | 'admin'>",
  'audit_entries.actor_role': "'user' | 'moderator' | 'admin' | null",
  'profiles.gender': "'man' | 'woman' | 'other' | null",
  'one_time_tokens.purpose': "'activation' | 'password_reset' | 'set_password' | 'email_change'",
  'movies.status': "Generated<'released' | 'in_production' | 'post_production'>",
  'orders.status': "Generated<'pending' | 'paid' | 'canceled' | 'refunded'>",
  'payments.status':
    "Generated<'pending' | 'successful' | 'declined' | 'canceled' | 'refunded' | 'partially_refunded'>",
  'payments.gateway': "'stripe' | 'none'",
  'refunds.origin': "'buyer' | 'staff' | 'system' | 'dashboard' | 'dispute'",
  'refunds.status': "'requested' | 'pending' | 'succeeded' | 'failed' | 'rejected'",
  'document_numbers.series': "'receipts' | 'credit_notes'",
  'imports.state': "Generated<'waiting' | 'checking' | 'importing' | 'done' | 'failed' | 'rejected'>",
  'comment_reports.reason': "'spam' | 'abuse' | 'spoiler' | 'illegal' | 'other'",
  'moderation_cases.decision': "'keep' | 'remove' | null",
  'media_assets.kind': "'feature' | 'trailer'",
  'media_assets.status': "'uploading' | 'processing' | 'ready' | 'failed'",
  'media_files.kind': "'mp4' | 'hls' | 'storyboard' | 'track' | 'source'",
  'reactions.kind': "'like' | 'dislike'",
};

const OUT_FILE = fileURLToPath(new URL('../db/src/types.gen.ts', import.meta.url));

/** Writes `db/src/types.gen.ts` from a migrated database: the same parsers as `openDb` decide the types. */
export async function generateDbTypes(databaseUrl: string): Promise<void> {
  const kyselyCodegen = fileURLToPath(new URL('./node_modules/.bin/kysely-codegen', import.meta.url));
  await promisify(execFile)(kyselyCodegen, [
    `--url=${databaseUrl}`,
    '--dialect=postgres',
    '--camel-case',
    '--exclude-pattern=(boss.*|kysely_*)',
    '--date-parser=string',
    '--numeric-parser=number',
    `--type-mapping=${JSON.stringify({ int8: 'number' })}`,
    `--overrides=${JSON.stringify({ columns: COLUMNS })}`,
    `--out-file=${OUT_FILE}`,
  ]);
}

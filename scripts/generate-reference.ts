import { readFile, writeFile } from 'node:fs/promises';
import { ERROR_DETAILS } from '@online-cinema/contract/error-details';
import { ERRORS, type ErrorReason } from '@online-cinema/contract/errors';
import { TAGS } from '@online-cinema/server/http/openapi-tags';
import { REFUSALS } from '@online-cinema/server/http/refusals.gen';
import { listRestProcedures, listStreams, type RestProcedure, type Stream } from '@online-cinema/server/http/rest';
import { statusOf } from '@online-cinema/server/lib/problems';

const REFERENCE_FILE = new URL('../docs/reference.md', import.meta.url);
const CONFIGURATION_FILE = new URL('../docs/configuration.md', import.meta.url);
const SETTINGS_FILE = new URL('../.env.example', import.meta.url);

/** Writes `docs/reference.md`: every procedure in one line, and every reason to refuse. */
export async function writeReference(): Promise<void> {
  const all = [...listRestProcedures(), ...listStreams()];
  const groups = Object.entries(TAGS).map(([tag, about]) => {
    const rows = all.filter(({ path }) => path.startsWith(`${tag}.`)).map(describeProcedure);
    return [`## ${tag}`, about, table(['call', 'REST', 'who', 'what', 'may refuse with'], rows)].join('\n\n');
  });
  const reasons = (Object.keys(ERRORS) as ErrorReason[]).map(describeReason);
  await writeFile(
    REFERENCE_FILE,
    `<!-- Generated from the router: run \`pnpm generate\`, do not edit. -->

# Reference

Each call of the TypeScript client and the same call over REST, below \`/api/v1\`. Inputs and answers stand in
[openapi.json](openapi.json), which \`/docs\` and \`/redoc\` show, and in the types of the client.

**Who**: \`viewer\` is anybody, and who is signed in is answered more; \`moderator\` is also for admins. **Any call** may be
refused with \`invalid_input\`, \`unavailable\` and \`internal_error\`; one that needs a session with \`not_authenticated\` (and
\`totp_setup_required\`, where the staff must have two-factor login), one for the staff with \`not_allowed\`, one with a body
with \`payload_too_large\`, \`unsupported_media_type\` and \`request_timeout\`.

${groups.join('\n\n')}

## Reasons

What stands under *more* are fields beside \`reason\`: typed in the client, and in \`components.schemas\` of the document.

${table(['reason', 'status', 'sentence', 'more'], reasons)}
`,
  );
}

function describeProcedure({ path, type, meta }: RestProcedure | Stream): string[] {
  const call = { query: 'query', mutation: 'mutate', subscription: 'subscribe' }[type];
  const reasons = Object.values(REFUSALS[path] ?? {}).flat();
  const face = meta.openapi ? code(`${meta.openapi.method} ${meta.openapi.path}`) : 'a stream, over tRPC';
  const who = meta.role ?? (meta.viewer ? 'viewer' : 'any');
  const own = reasons.filter((reason) => reason !== 'not_authenticated' && reason !== 'not_allowed');
  return [code(`${path}.${call}`), face, who, meta.openapi?.summary ?? meta.summary ?? '', own.map(code).join(' ')];
}

function describeReason(reason: ErrorReason): string[] {
  const details = reason in ERROR_DETAILS ? ERROR_DETAILS[reason as keyof typeof ERROR_DETAILS] : undefined;
  const fields = Object.keys(details?.shape ?? {});
  return [code(reason), String(statusOf(reason)), ERRORS[reason][1], fields.map(code).join(' ')];
}

/** Writes `docs/configuration.md`: every setting of `.env.example` with its default. */
export async function writeConfiguration(): Promise<void> {
  const lines = (await readFile(SETTINGS_FILE, 'utf8')).split('\n');
  const sections: { title: string; rows: string[][] }[] = [];
  let words: string[] = [];
  for (const line of lines) {
    const [, title] = /^# --- (.*)$/.exec(line) ?? [];
    const [, name, value] = /^([A-Z0-9_]+)=(.*)$/.exec(line) ?? [];
    if (title !== undefined) sections.push({ title, rows: [] });
    else if (line.startsWith('# ')) words.push(line.slice(2));
    if (name !== undefined) {
      sections.at(-1)?.rows.push([code(name), value ? code(value) : '', words.join(' ')]);
    }
    if (title !== undefined || name !== undefined || line === '') words = [];
  }
  const parts = sections.map(({ title, rows }) => {
    const [heading = '', ...more] = title.split('. ');
    const note = more.length > 0 ? [`${more.join('. ').replace(/\.?$/, '.')}`] : [];
    return [
      `## ${heading.replace(/^./, (letter) => letter.toUpperCase())}`,
      ...note,
      table(['variable', 'default', 'what'], rows),
    ].join('\n\n');
  });
  await writeFile(
    CONFIGURATION_FILE,
    `<!-- Generated from .env.example: run \`pnpm generate\`, do not edit. -->

# Configuration

Environment variables are all there is to set; an empty one is the same as none. What is wrong stops the start with one
message that names every fault. The defaults are those of development: with \`NODE_ENV=production\` the server refuses
development secrets, missing keys and a Stripe key of the test mode.

${parts.join('\n\n')}
`,
  );
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

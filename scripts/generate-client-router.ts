import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Role } from '@online-cinema/contract/roles';
import { listRestProcedures, listStreams, type RestProcedure, type Stream } from '@online-cinema/server/http/rest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT_FILE = join(ROOT, 'packages/client/src/router.gen.ts');
const DECLARED = 'export declare const clientRouter: ';
const DECLARED_DETAILS = 'export declare const errorDetails: ';
/** The one module the published type may name. */
const ALLOWED_MODULE = '@trpc/server';
const KINDS = ['Mutation', 'Query', 'Subscription'];

/**
 * Writes `packages/client/src/router.gen.ts`: the router as its clients see it, what refusals say beside their reason,
 * and which procedures are called in ways of their own. It names nothing of the server.
 *
 * @throws Error when the type would name another module than `@trpc/server`, or would lose a procedure on the way.
 */
export async function generateClientRouter(): Promise<void> {
  const declaration = await declareClientRouter();
  const [at, detailsAt] = [declaration.indexOf(DECLARED), declaration.indexOf(DECLARED_DETAILS)];
  const reasons = /^ +reason: (".*");$/m.exec(declaration)?.[1];
  if (at === -1 || detailsAt < at || reasons === undefined) {
    throw new Error('client-router.ts: the declaration has an unknown shape');
  }
  assertSelfContained(declaration);
  const router = declaration
    .slice(at + DECLARED.length, declaration.lastIndexOf('/**', detailsAt))
    .replace(reasons, 'ErrorReason');
  const [details = ''] = declaration.slice(detailsAt + DECLARED_DETAILS.length).split('\n};');

  const all = listRestProcedures();
  const idempotent = all.flatMap(({ path, meta }) => (meta.idempotent ? [`  '${path}',\n`] : []));
  const inPieces = all.flatMap(({ path, meta }) => (meta.file ? [`  ['${path}', '${meta.openapi.path}'],\n`] : []));
  const source = [
    '// Generated from apps/server/src/client-router.ts: run `pnpm generate`, do not edit.',
    'import type {',
    ...KINDS.map((kind) => `  TRPC${kind}Procedure,`),
    '  TRPCBuiltRouter,',
    `} from '${ALLOWED_MODULE}';`,
    '',
    '/** Why the cinema refused: what to branch on. The message is for people and may change. */',
    `export type ErrorReason =\n  | ${reasons.replaceAll(' | ', '\n  | ')};`,
    '',
    '/** What a refusal says beside its reason, for the reasons that say more. */',
    `export type ErrorDetails = ${halveIndents(details)}\n};`,
    '',
    '/** Why each procedure can refuse beside what any of its kind can: who calls, the input, the load. */',
    `export type Refusals = {\n${await refusalsOfProcedures(all)}};`,
    '',
    '/** The mutations that take an `Idempotency-Key`: sent again, they are done once. */',
    `export const IDEMPOTENT: ReadonlySet<string> = /* @__PURE__ */ new Set([\n${idempotent.join('')}]);`,
    '',
    '/** The queries that answer in pieces, as they are made, and their REST face. */',
    `export const IN_PIECES: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([\n${inPieces.join('')}]);`,
    '',
    '/** Every procedure of the cinema, with its input and output. */',
    `export type CinemaRouter = ${describeProcedures(router).trimEnd()}\n`,
  ].join('\n');
  await writeFile(OUT_FILE, source.replaceAll(/"([^"'\\]*)"/g, "'$1'"));
}

async function declareClientRouter(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'client-router-'));
  const server = join(ROOT, 'apps/server');
  try {
    // Without the checks: `pnpm types` makes them, and a change under way shall not wait for the last of its files.
    const paths = ['--project', server, '--rootDir', ROOT, '--outDir', folder];
    const flags = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--noCheck'];
    await promisify(execFile)(join(server, 'node_modules/.bin/tsc'), [...paths, ...flags]);
    return await readFile(join(folder, 'apps/server/src/client-router.d.ts'), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function assertSelfContained(declaration: string): void {
  const modules = [...declaration.matchAll(/(?:\bfrom |\bimport\(|\brequire\()["']([^"']+)["']/g)].map(
    ([, name]) => name,
  );
  const foreign = modules.find((name) => name !== ALLOWED_MODULE);
  if (foreign !== undefined) throw new Error(`client-router.ts: the published type would name ${foreign}`);
  if (/: any\b/.test(declaration)) throw new Error('client-router.ts: `any` stands in the published type');
}

async function refusalsOfProcedures(procedures: RestProcedure[]): Promise<string> {
  // Written just before, as the routers are now.
  const { REFUSALS } = await import('@online-cinema/server/http/refusals.gen');
  const lines = procedures.map(({ path }) => {
    const reasons = [...new Set(Object.values(REFUSALS[path] ?? {}).flat())].sort();
    return `  readonly '${path}': ${reasons.map((reason) => `'${reason}'`).join(' | ') || 'never'};\n`;
  });
  return lines.join('');
}

/** Puts what each procedure does above it, and indents by two. */
function describeProcedures(router: string): string {
  const all = [...listRestProcedures(), ...listStreams()];
  const procedures = new Map(all.map((procedure) => [procedure.path, procedure]));
  const path: string[] = [];

  const lines = router.split('\n').flatMap((line) => {
    const [, spaces = '', name, kind] =
      /^( *)([\w$]+): (?:TRPC(Query|Mutation|Subscription)Procedure<)?/.exec(line) ?? [];
    const text = halveIndents(line);
    if (name === undefined) return [text];
    path.splice(spaces.length / 4 - 1, Infinity, name);
    if (kind === undefined) return [text];

    const key = path.join('.');
    const procedure = procedures.get(key);
    if (procedure?.type !== kind.toLowerCase()) throw new Error(`client-router.ts: the router has no ${kind} ${key}`);
    procedures.delete(key);
    return [' '.repeat(spaces.length / 2) + describe(procedure), text];
  });
  if (procedures.size > 0) throw new Error(`client-router.ts: the type lacks ${[...procedures.keys()].join(', ')}`);
  return lines.join('\n');
}

function halveIndents(text: string): string {
  return text.replaceAll(/^ +/gm, (indent) => ' '.repeat(indent.length / 2));
}

function describe({ meta: { openapi, role, summary } }: RestProcedure | Stream): string {
  const who = role === undefined ? '' : ` ${WHO[role]}`;
  const face = openapi ? ` REST: \`${openapi.method} /api/v1${openapi.path}\`.` : '';
  return `/** ${openapi?.summary ?? summary}.${who}${face} */`;
}

const WHO = { user: 'Needs a session.', moderator: 'For moderators.', admin: 'For admins.' } satisfies Record<
  Role,
  string
>;

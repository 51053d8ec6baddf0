import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { listRestProcedures } from '@online-cinema/server/http/rest';
import { findReachableRefusals, type Refusals } from './reachable-refusals.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT_FILE = new URL('../apps/server/src/http/refusals.gen.ts', import.meta.url);

/**
 * Writes `apps/server/src/http/refusals.gen.ts`: why each procedure can refuse, as its source says.
 *
 * @throws Error when a procedure is not found in the source.
 */
export async function generateRefusals(): Promise<void> {
  const reachable = findReachableRefusals(ROOT);
  const rows = listRestProcedures().map(({ path, meta }) => {
    const refusals = findFace(reachable, `${meta.openapi.method} ${meta.openapi.path}`);
    if (!refusals)
      throw new Error(`No router has rest('${meta.openapi.method}', '${meta.openapi.path}', …) of ${path}`);
    const statuses = Object.entries(refusals).map(
      ([status, reasons]) => `${status}: [${reasons.map((reason) => `'${reason}'`).join(', ')}]`,
    );
    return statuses.length === 0 ? '' : `  '${path}': { ${statuses.join(', ')} },\n`;
  });
  const source = [
    '// Generated from the routers and what they call: run `pnpm generate`, do not edit.',
    "import type { ErrorReason } from '@online-cinema/contract/errors';",
    '',
    '/** Why a procedure can refuse, by path and status, beside what any procedure can be refused with. */',
    'export const REFUSALS: Readonly<Record<string, Readonly<Record<number, readonly ErrorReason[]>>>> = {',
    `${rows.join('')}};\n`,
  ].join('\n');
  await writeFile(OUT_FILE, source);
}

function findFace(reachable: Map<string, Refusals>, face: string): Refusals | undefined {
  const found = reachable.get(face);
  if (found) return found;
  const shape = (path: string) => path.replace(/^(\w+ )\/[^/]+/, '$1/…').replace(/\{(?:\{\}|\w+)\}/g, '{}');
  return [...reachable].find(([key]) => key.includes(' /{}') && shape(key) === shape(face))?.[1];
}

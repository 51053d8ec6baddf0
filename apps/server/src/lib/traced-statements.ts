import type { Statement } from '@online-cinema/db/open';
import { activeSpan, type Tracing, typeOf } from './tracing.ts';

/** Tells of each statement that is a part of something: its text without what was put into it. */
export function traceStatements(tracing: Tracing, databaseUrl: string): (statement: Statement) => void {
  const { hostname, port, pathname } = new URL(databaseUrl);
  const server = {
    'db.system.name': 'postgresql',
    'db.namespace': decodeURIComponent(pathname.slice(1)),
    'server.address': hostname,
    'server.port': Number(port || 5432),
  };
  return ({ text, durationMs, error }) => {
    // Housekeeping between requests and jobs belongs to none.
    if (!activeSpan.getStore()) return;
    const { operation, table } = summarize(text);
    const summary = table === undefined ? operation : `${operation} ${table}`;
    const span = tracing.begin({
      name: summary,
      kind: 'client',
      msAgo: durationMs,
      attributes: {
        ...server,
        'db.operation.name': operation,
        'db.query.summary': summary,
        'db.query.text': text,
      },
    });
    if (error !== undefined) span.fail(typeOf(error));
    span.end();
  };
}

const WRITES =
  /\b(insert)\s+into\s+([\w".]+)|\b(delete)\s+from\s+([\w".]+)|\b(update)\s+([\w".]+)\s+(?:as\s+[\w"]+\s+)?set\b/i;

// What a statement does first of all, and to which table; good enough for a name.
function summarize(text: string): { operation: string; table: string | undefined } {
  const first = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'SQL';
  const [operation = first === 'WITH' ? 'SELECT' : first, table = /\bfrom\s+([\w".]+)/i.exec(text)?.[1]] =
    WRITES.exec(text)
      ?.slice(1)
      .filter((part) => part !== undefined) ?? [];
  return { operation: operation.toUpperCase(), table: table?.replaceAll('"', '') };
}

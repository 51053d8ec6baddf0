import type { AuditEntry, AuditListInput } from '@online-cinema/contract/admin';
import type { Page } from '@online-cinema/contract/common';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import type { Deps } from '../deps.ts';
import { countCapped, isAfter, orderBy, type Position, readPage, type Sort } from '../lib/paging.ts';

type AuditFilter = Pick<AuditListInput, 'actorId' | 'targetId' | 'action'>;

/** What the staff did, newest first. */
export async function listAudit(
  { db }: Pick<Deps, 'db'>,
  { actorId, targetId, action, ...page }: AuditListInput,
): Promise<Page<AuditEntry>> {
  const filter = { actorId, targetId, action };
  return await readPage(page, {
    query: { list: 'audit', ...filter },
    sort: AUDIT_SORT,
    select: (position, limit) => selectAuditPage(db, { position, limit, filter }),
    count: () => countAudit(db, filter),
    toItem: ({ actorId: id, actorRole: role, actorEmail: email, targetKind, targetId: target, details, ...entry }) => ({
      ...entry,
      actor: id !== null && role !== null ? { id, role, email } : null,
      target: { kind: targetKind, id: target },
      details: JSON.parse(details),
    }),
  });
}

const AUDIT_SORT: Sort = {
  by: sql.ref('auditEntries.createdAt'),
  type: 'timestamptz',
  order: 'desc',
  id: sql.ref('auditEntries.id'),
};

async function selectAuditPage(
  db: Db,
  { position, limit, filter }: { position: Position | null; limit: number; filter: AuditFilter },
) {
  return await filterEntries(db, filter)
    // What is left of a deleted account has an address that is nobody's.
    .leftJoin('users', (join) => join.onRef('users.id', '=', 'auditEntries.actorId').on('users.deletedAt', 'is', null))
    .$if(position !== null, (query) => query.where(isAfter(AUDIT_SORT, position!)))
    .select([
      'auditEntries.id',
      'auditEntries.createdAt as at',
      'auditEntries.actorId',
      'auditEntries.actorRole',
      'users.email as actorEmail',
      'auditEntries.action',
      'auditEntries.targetKind',
      'auditEntries.targetId',
      'auditEntries.ip',
      // As text: the plugin that renames columns would rename the keys inside too.
      sql<string>`audit_entries.details::text`.as('details'),
      'auditEntries.id as cursorId',
      sql<string>`audit_entries.created_at::text`.as('cursorKey'),
    ])
    .orderBy(orderBy(AUDIT_SORT))
    .limit(limit)
    .execute();
}

async function countAudit(db: Db, filter: AuditFilter): Promise<number> {
  return await countCapped(db, filterEntries(db, filter).select('auditEntries.id'));
}

function filterEntries(db: Db, { actorId, targetId, action }: AuditFilter) {
  return db
    .selectFrom('auditEntries')
    .$if(actorId !== undefined, (query) => query.where('auditEntries.actorId', '=', actorId!))
    .$if(targetId !== undefined, (query) => query.where('auditEntries.targetId', '=', targetId!))
    .$if(action !== undefined, (query) => query.where('auditEntries.action', '=', action!));
}

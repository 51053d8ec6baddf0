import type { ModerationQueueInput, ReportedComment } from '@online-cinema/contract/moderation-queue';
import type { Page } from '@online-cinema/contract/common';
import type { Db } from '@online-cinema/db/open';
import { sql } from 'kysely';
import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import { countCapped, isAfter, orderBy, type Position, readPage, type Sort } from '../lib/paging.ts';
import { commentColumns, type Onlooker, toComment } from './comments-view.ts';

/** The reported comments that wait for a decision: those of most reports first, then those that wait longest. */
export async function listReported(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  onlooker: NonNullable<Onlooker>,
  page: z.infer<typeof ModerationQueueInput>,
): Promise<Page<ReportedComment>> {
  return await readPage(page, {
    query: { list: 'reports' },
    sort: QUEUE_SORT,
    select: (position, limit) => selectReported(db, { position, limit, onlooker }),
    count: () => countCapped(db, selectOpenCases(db).select('moderationCases.id')),
    toItem: ({ movie, reportCount, reasons, notes, firstReportedAt, ...row }) => ({
      comment: toComment(config, row),
      movie,
      reportCount,
      reasons,
      notes: notes.map(({ createdAt, ...note }) => ({ ...note, createdAt: new Date(createdAt) })),
      firstReportedAt,
    }),
  });
}

const NOTES_SHOWN = 20;

// Ids of cases tell their age.
const QUEUE_SORT: Sort = {
  by: sql`(-moderation_cases.report_count)`,
  type: 'integer',
  order: 'asc',
  id: sql.ref('moderationCases.id'),
};

function selectOpenCases(db: Db) {
  return db
    .selectFrom('moderationCases')
    .innerJoin('comments', 'comments.id', 'moderationCases.commentId')
    .where('moderationCases.decision', 'is', null);
}

type Note = Omit<ReportedComment['notes'][number], 'createdAt'> & { createdAt: string };

async function selectReported(
  db: Db,
  { position, limit, onlooker }: { position: Position | null; limit: number; onlooker: Onlooker },
) {
  return await selectOpenCases(db)
    .innerJoin('movies', 'movies.id', 'comments.movieId')
    .$if(position !== null, (query) => query.where(isAfter(QUEUE_SORT, position!)))
    .select(commentColumns(onlooker))
    .select([
      'moderationCases.reportCount',
      'moderationCases.openedAt as firstReportedAt',
      sql<ReportedComment['movie']>`
        jsonb_build_object('id', movies.id, 'slug', movies.slug, 'name', movies.name, 'year', movies.year)`.as('movie'),
      sql<ReportedComment['reasons']>`(
        select jsonb_agg(jsonb_build_object('reason', given.reason, 'count', given.count)
          order by given.count desc, given.reason)
        from (
          select reason, count(*) from comment_reports where case_id = moderation_cases.id group by reason
        ) given)`.as('reasons'),
      sql<Note[]>`coalesce((
        select jsonb_agg(jsonb_build_object('reason', last.reason, 'note', last.note, 'createdAt', last.created_at)
          order by last.created_at desc, last.id desc)
        from (
          select * from comment_reports where case_id = moderation_cases.id and note is not null
          order by created_at desc, id desc limit ${sql.lit(NOTES_SHOWN)}
        ) last), '[]')`.as('notes'),
      'moderationCases.id as cursorId',
      sql<string>`(-moderation_cases.report_count)::text`.as('cursorKey'),
    ])
    .orderBy(orderBy(QUEUE_SORT))
    .limit(limit)
    .execute();
}

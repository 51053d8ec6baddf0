import { z } from 'zod';
import { Bytes, Id, Moment } from './common.ts';

/** A file of films, to be checked and, unless it is a dry run, written into the catalogue. */
export const ImportMovies = z.strictObject({
  file: Bytes,
  dryRun: z.boolean().default(false).meta({ description: 'Only tell what would be done.' }),
});

/** Names the job that works on an import. */
export const ImportStarted = z.object({ jobId: Id }).meta({ id: 'ImportStarted' });

export const ImportInput = z.strictObject({ jobId: Id });

/** How far an import has come: the last three are its ends. */
const IMPORT_STATES = ['waiting', 'checking', 'importing', 'done', 'rejected', 'failed'] as const;

/** What is wrong in a file of films. */
export const ImportProblem = z
  .object({
    row: z
      .int()
      .nullable()
      .meta({ description: 'The first film is 1, however many lines it has. null: the file as a whole.' }),
    column: z.string().nullable().meta({ description: 'The column or field. null: the row as a whole.' }),
    message: z.string(),
  })
  .meta({ id: 'ImportFault' });
export type ImportProblem = z.infer<typeof ImportProblem>;

/** The most problems an import tells one by one. */
export const MOST_IMPORT_PROBLEMS = 1_000;

const Count = z.int().min(0);

export const ImportStatus = z
  .object({
    jobId: Id,
    state: z.enum(IMPORT_STATES).meta({
      description:
        'rejected: something is wrong in the file, and nothing was written. failed: it was given up; ' +
        'what was counted until then is written.',
    }),
    dryRun: z.boolean(),
    counts: z
      .object({
        rows: Count.nullable().meta({ description: 'How many films the file has; null until all are checked.' }),
        checked: Count,
        failed: Count.meta({ description: 'Of the checked ones, how many have something wrong.' }),
        created: Count,
        updated: Count,
        unchanged: Count,
      })
      .meta({ description: 'In a dry run, what would be created and updated.' }),
    errors: z
      .array(ImportProblem)
      .meta({ description: `The first ${MOST_IMPORT_PROBLEMS}, in the order of the rows.` }),
    errorCount: Count.meta({ description: 'How many there are in all.' }),
    progress: z.number().min(0).max(1).meta({ description: 'From 0 to 1; the first half is the check.' }),
    createdAt: Moment,
    finishedAt: Moment.nullable(),
  })
  .meta({ id: 'ImportStatus' });
export type ImportStatus = z.infer<typeof ImportStatus>;

/** How films can be exported; each can be imported again. */
const EXPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const ExportMovies = z.strictObject({
  format: z.enum(EXPORT_FORMATS).default('csv').meta({ description: 'CSV, or one JSON object a line.' }),
});

/** A text in pieces, as they are made: `for await (const piece of answer)`. Over REST it is the body. */
export const TextStream = z
  .custom<AsyncIterable<string>>(
    (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
  )
  .meta({ type: 'string' });

/** The columns of an export in CSV, in their order; an import has all of them, in any order. */
export const MOVIE_COLUMNS = [
  'name',
  'year',
  'time',
  'releaseDate',
  'imdb',
  'votes',
  'metaScore',
  'grossAmount',
  'grossCurrency',
  'budgetAmount',
  'budgetCurrency',
  'description',
  'priceAmount',
  'priceCurrency',
  'status',
  'certification',
  'genres',
  'stars',
  'directors',
  'countries',
  'languages',
] as const;

/** The columns of the Movie Theater API's data set. */
export const THEATER_COLUMNS = [
  'names',
  'date_x',
  'score',
  'genre',
  'overview',
  'crew',
  'orig_title',
  'status',
  'orig_lang',
  'budget_x',
  'revenue',
  'country',
] as const;

/** What a film of the Movie Theater columns is when it is new: nothing there tells it. One that is there keeps its own. */
export const THEATER_DEFAULTS = { time: 90, certification: 'Not Rated', votes: 0 } as const;

/** What an import takes, for the documentation. */
export const IMPORT_GUIDE = `CSV with a header line, or one JSON object a line; UTF-8, at most 50 MB, each row at most 1 MB.
Every row is checked first; when one is wrong, nothing is written. Films are found by name, year and time: those that are
there are updated where they differ, the others are created.

CSV with the columns ${MOVIE_COLUMNS.join(', ')}: all of them, in any order, as the export writes them. An empty cell is null.
Amounts are in the minor unit of the currency beside them. Lists are separated by \`|\`; within a name it is written \`\\|\`, and
\`\\\` is \`\\\\\`. So that no spreadsheet takes a text for a formula, one that begins with \`=\`, \`+\`, \`-\`, \`@\`, a tab or a carriage
return has a \`'\` before it, which is taken away here.

CSV with the columns ${THEATER_COLUMNS.join(', ')} (the Movie Theater set): \`date_x\` is MM/DD/YYYY and gives the year too; \`score\` goes
to 100; \`crew\` is actor, character, actor, character…; \`budget_x\` and \`revenue\` are US dollars; \`country\` is a code of ISO 3166;
\`orig_title\` is left out. These films have no time: they are found by name and year alone, and new ones get ${THEATER_DEFAULTS.time} minutes, the
certification "${THEATER_DEFAULTS.certification}", and no price. What the set does not tell of a film that is there stays as it is.

JSON has the fields of a new film (\`movies.create\`); related rows by name.`;

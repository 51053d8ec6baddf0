import {
  ExportMovies,
  IMPORT_GUIDE,
  ImportInput,
  ImportMovies,
  ImportStarted,
  ImportStatus,
  TextStream,
} from '@online-cinema/contract/imports';
import { actorOf } from '../audit.ts';
import { moderatorProcedure, rest, router } from '../trpc.ts';
import { EXPORT_FILE, exportMovies } from './export.ts';
import { getImport, IMPORT_BODY, startImport } from './imports.ts';

/** The part of `movies` about files of films. */
export const movieFilesRouter = router({
  import: moderatorProcedure
    .meta(
      rest('POST', '/movies/import', 'Import films from a file', {
        status: 202,
        binary: IMPORT_BODY,
        description: IMPORT_GUIDE,
      }),
    )
    .input(ImportMovies)
    .output(ImportStarted)
    .mutation(({ ctx, input }) => startImport(ctx.deps, actorOf(ctx), input)),

  importStatus: moderatorProcedure
    .meta(rest('GET', '/movies/import/{jobId}', 'How far an import has come, and what is wrong in its file'))
    .input(ImportInput)
    .output(ImportStatus)
    .query(({ ctx, input }) => getImport(ctx.deps, input.jobId)),

  export: moderatorProcedure
    .meta(
      rest('GET', '/movies/export', 'Export the films of the catalogue', {
        file: EXPORT_FILE,
        noStore: true,
        description:
          'Withdrawn films are left out. An import of what this gives changes nothing; see there what the columns mean.',
      }),
    )
    .input(ExportMovies)
    .output(TextStream)
    .query(({ ctx, input }) => exportMovies(ctx.deps, input.format)),
});

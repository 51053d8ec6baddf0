/**
 * The API as clients see it: inputs, outputs and errors, and nothing of what is behind them.
 *
 * Nothing runs this. `scripts/generate-client-router.ts` has `tsc` write its declaration and makes the published router
 * type from it. A declaration spells out what was inferred, but calls an alias by its name, which would be an import of
 * server code: that is why the mapped type stands in place, with two depths of groups instead of one that recurs, and
 * why unions of strings pass through a template, which leaves their members and drops their name.
 */
import { ERROR_DETAILS } from '@online-cinema/contract/error-details';
import type {
  TRPCBuiltRouter,
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
} from '@trpc/server';
import { appRouter } from './router.ts';

/** @public Read by the generator, which names no import. */
export const clientRouter = projectRouter(appRouter);

/** @public Read by the generator too: what refusals say beside their reason. */
export const errorDetails = projectDetails(ERROR_DETAILS);

function projectDetails<Details extends Record<string, { _zod: { output: unknown } }>>(
  details: Details,
): { [Reason in keyof Details]: Details[Reason]['_zod']['output'] };
function projectDetails(details: unknown): unknown {
  return details;
}

function projectRouter<
  Groups,
  Code extends string,
  Reason extends string,
  Issue extends { path: (string | number)[]; message: string },
>(router: {
  _def: {
    record: Groups;
    _config: {
      $types: {
        errorShape: {
          message: string;
          data: {
            code: Code;
            httpStatus: number;
            path?: string | undefined;
            reason: Reason;
            requestId: string;
            issues?: Issue[];
          };
        };
      };
    };
  };
}): TRPCBuiltRouter<
  {
    ctx: object;
    meta: object;
    transformer: true;
    errorShape: {
      message: string;
      code: number;
      data: {
        code: `${Code}`;
        httpStatus: number;
        path?: string;
        reason: `${Reason}`;
        requestId: string;
        issues?: { [Key in keyof Issue]: Issue[Key] }[];
      };
    };
  },
  {
    [Group in keyof Groups]: {
      [Name in keyof Groups[Group]]: Groups[Group][Name] extends {
        _def: { type: infer Type; $types: { input: infer Input; output: infer Output } };
      }
        ? Type extends 'query'
          ? TRPCQueryProcedure<{ input: Input; output: Output; meta: object }>
          : Type extends 'subscription'
            ? TRPCSubscriptionProcedure<{
                input: Input;
                output: Output extends AsyncIterable<infer Event>
                  ? AsyncIterable<{ [Key in keyof Event]: Event[Key] }, void, unknown>
                  : never;
                meta: object;
              }>
            : TRPCMutationProcedure<{ input: Input; output: Output; meta: object }>
        : {
            [Inner in keyof Groups[Group][Name]]: Groups[Group][Name][Inner] extends {
              _def: { type: infer Type; $types: { input: infer Input; output: infer Output } };
            }
              ? Type extends 'query'
                ? TRPCQueryProcedure<{ input: Input; output: Output; meta: object }>
                : TRPCMutationProcedure<{ input: Input; output: Output; meta: object }>
              : never;
          };
    };
  }
>;
function projectRouter(router: unknown): unknown {
  return router;
}

import { TRPCClientError, type TRPCLink } from '@trpc/client';
import { assembleClient, type CinemaClient } from './assemble.ts';
import { fromPromise } from './calls.ts';
import type { CinemaRouter, ErrorDetails, ErrorReason } from './router.gen.ts';
import { memoryStorage, type SessionStorage } from './storage.ts';

type Procedures = CinemaRouter['_def']['record'];
type Callable = { _def: { type: 'query' | 'mutation'; $types: { input: unknown; output: unknown } } };

/** Every query and mutation by its path: `'movies.list'`. */
export type ProcedurePath = PathsOf<Procedures>;

type PathsOf<Group, Prefix extends string = ''> = {
  [Name in keyof Group & string]: Group[Name] extends Callable
    ? `${Prefix}${Name}`
    : Group[Name] extends { _def: unknown }
      ? never
      : PathsOf<Group[Name], `${Prefix}${Name}.`>;
}[keyof Group & string];

type At<Group, Path extends string> = Path extends keyof Group
  ? Group[Path]
  : Path extends `${infer Name}.${infer Rest}`
    ? Name extends keyof Group
      ? At<Group[Name], Rest>
      : never
    : never;

type TypesOf<Path extends ProcedurePath> =
  At<Procedures, Path> extends { _def: { $types: infer Types extends Callable['_def']['$types'] } } ? Types : never;

/** What procedures answer, by their path. */
export type CannedAnswers = {
  [Path in ProcedurePath]?: (
    input: TypesOf<Path>['input'],
  ) => TypesOf<Path>['output'] | Promise<TypesOf<Path>['output']>;
};

/**
 * Makes a client that asks nobody: each call is answered by a function, and one that has none is an error. Everything
 * else is the client itself, its session and helpers included.
 *
 * @example
 * const cinema = createTestClient({
 *   'movies.list': ({ query }) => ({ items: [], nextCursor: null, total: 0 }),
 *   'cart.add': () => refuse('already_in_cart'),
 * });
 */
export function createTestClient(answers: CannedAnswers, options: { storage?: SessionStorage } = {}): CinemaClient {
  const canned: { readonly [path: string]: ((input: never) => unknown) | undefined } = answers;
  const link: TRPCLink<CinemaRouter> =
    () =>
    ({ op: { path, input } }) =>
      fromPromise(async () => {
        const answer = Object.hasOwn(canned, path) ? canned[path] : undefined;
        if (!answer) throw new Error(`createTestClient was given no answer of ${path}.`);
        return { result: { type: 'data' as const, data: await answer(input as never) } };
      });
  const baseUrl = 'http://cinema.test';
  const { storage = memoryStorage() } = options;
  return assembleClient({ baseUrl, url: `${baseUrl}/trpc`, link, storage, retries: 0 });
}

/** Refuses as the cinema does, with what it says of that reason: `refuse('price_changed', { oldTotal, newTotal })`. */
export function refuse<Reason extends ErrorReason>(
  reason: Reason,
  ...[details]: Reason extends keyof ErrorDetails ? [ErrorDetails[Reason]] : [details?: { httpStatus?: number }]
): never {
  const data = { code: 'CONFLICT', httpStatus: 409, requestId: 'test', reason, ...details };
  throw TRPCClientError.from<CinemaRouter>({ error: { message: reason, code: -32_009, data } } as never);
}

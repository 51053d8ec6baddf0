/** A page as every list of the cinema answers it. */
type Page = { readonly items: readonly unknown[]; readonly nextCursor: string | null };
type ItemOf<Answer extends Page> = Answer['items'][number];

/** A list procedure: `cinema.movies.list`. */
export type ListProcedure<Input, Answer extends Page> = {
  query: (input: Input, options?: { signal?: AbortSignal }) => Promise<Answer>;
};

/** The items of a list, page after page: each is asked for when the one before is used up. */
export type Pagination<Answer extends Page> = AsyncIterable<ItemOf<Answer>> & {
  /** The pages themselves, with `total` on the first. */
  pages(): AsyncIterable<Answer>;
  /** Collects the first items, `max` at most: a list may be longer than memory. */
  toArray(options: { max: number }): Promise<ItemOf<Answer>[]>;
};

/**
 * Goes through a list.
 *
 * @example
 * for await (const film of cinema.$paginate(cinema.movies.list, { genre: 'drama' })) console.log(film.name);
 */
export function paginate<Input extends object | undefined | void, Answer extends Page>(
  procedure: ListProcedure<Input, Answer>,
  input?: Input,
  options?: { signal?: AbortSignal },
): Pagination<Answer> {
  async function* pages(): AsyncGenerator<Answer, void, undefined> {
    let cursor: string | null | undefined;
    do {
      const page: Answer = await procedure.query({ ...input, ...(cursor && { cursor }) } as Input, options);
      yield page;
      cursor = page.nextCursor;
    } while (cursor !== null);
  }

  async function* items(): AsyncGenerator<ItemOf<Answer>, void, undefined> {
    for await (const { items: found } of pages()) yield* found as readonly ItemOf<Answer>[];
  }

  // React Native's engine had no such symbol for long: there, what `for await` is compiled to looks for this name.
  const asyncIterator: typeof Symbol.asyncIterator = Symbol.asyncIterator ?? ('@@asyncIterator' as never);
  return {
    pages,
    [asyncIterator]: items,
    async toArray({ max }) {
      const found: ItemOf<Answer>[] = [];
      if (max <= 0) return found;
      for await (const page of pages()) {
        found.push(...page.items.slice(0, max - found.length));
        if (found.length >= max) break;
      }
      return found;
    },
  };
}

import { z } from 'zod';

/** A row's id: a UUIDv7; in lower case from here on, as the database writes it, so that ids can be compared. */
export const Id = z
  .uuid()
  .toLowerCase()
  .meta({ examples: ['019a5a4e-7c00-7000-8000-000000000001'] });

/** A film, by id or by slug. */
export const MovieRef = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9]+(-[A-Za-z0-9]+)*$/, 'An id or a slug, like the-matrix-1999.')
  .meta({ description: 'The film, by id or by slug.', examples: ['the-matrix-1999'] });

/** An amount of money in the currency's minor unit: 1299 USD is $12.99, 1299 JPY is ¥1,299. */
export const Money = z
  .object({
    amount: z
      .int()
      .min(0)
      .meta({ description: "In the currency's minor unit.", examples: [1299] }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .meta({ description: 'ISO 4217 code.', examples: ['USD'] }),
  })
  .meta({ id: 'Money' });
export type Money = z.infer<typeof Money>;

/** A sentence for a person. */
export const Message = z.object({ message: z.string() }).meta({ id: 'Message' });

/** How many rows a page holds, and where it starts. */
export const PageInput = z.strictObject({
  limit: z.int().min(1).max(100).default(20).meta({ description: 'How many items at most.' }),
  direction: z
    .literal('forward')
    .optional()
    .meta({ description: "What TanStack Query's infinite queries send along; every list goes forward." }),
  cursor: z.string().min(1).max(2_000).optional().meta({ description: '`nextCursor` of the page before.' }),
});
export type PageInput = z.infer<typeof PageInput>;

/** A page of a list: ask on with `nextCursor` until it is null. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z.array(item),
    nextCursor: z.string().nullable(),
    total: z.int().nullable().meta({ description: 'Exact up to 10,000, on the first page only.' }),
    totalIsCapped: z.literal(true).optional().meta({ description: 'Present when there are more than `total`.' }),
  });
}

/** What {@link pageOf} describes, as a type. */
export type Page<Item> = { items: Item[]; nextCursor: string | null; total: number | null; totalIsCapped?: true };

/** A moment: ISO 8601 over REST, `Date` over RPC. */
export const Moment = z.date().meta({ type: 'string', format: 'date-time' });

/** A day: `YYYY-MM-DD`. */
export const Day = z.iso.date();

/**
 * Bytes in their own right: the raw body over REST, a `Blob` or `File` from the SDK. Procedures read them as they come.
 * An input has one such field at most.
 */
export const Bytes = z
  .custom<Blob>()
  .meta({ type: 'string', format: 'binary' })
  .transform((value: unknown, context): AsyncIterable<Uint8Array> => {
    if (isStream(value)) return value;
    context.addIssue({ code: 'custom', message: 'Send the bytes themselves.' });
    return z.NEVER;
  });

/** The output of a procedure that has nothing to say: 204 over REST. */
export const Nothing = z.void();

function isStream(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

import { z } from 'zod';
import { Named } from './catalogue.ts';
import { Day, Id, Money } from './common.ts';

/** The most days one report tells of. */
export const MOST_REPORT_DAYS = 400;
/** Of how many days a report tells that names no first one. */
export const DEFAULT_REPORT_DAYS = 30;
/** The most films, or genres, a report lists in each currency. */
export const MOST_REPORT_ROWS = 1_000;

const GROUPINGS = ['day', 'movie', 'genre'] as const;

const SPAN = {
  from: Day.optional().meta({
    description: `The first day, in the shop's time zone; default: ${DEFAULT_REPORT_DAYS} days up to the last.`,
  }),
  to: Day.optional().meta({ description: `The last day; default: today. At most ${MOST_REPORT_DAYS} days in all.` }),
  by: z.enum(GROUPINGS).default('day'),
};

/** What sales a report is to tell of. */
export const SalesInput = z.strictObject(SPAN);
export type SalesInput = z.infer<typeof SalesInput>;
/** Asks for a report as a file, with all its rows. */
export const SalesExport = z.strictObject({ ...SPAN, format: z.literal('csv').default('csv') });
export type SalesExport = z.infer<typeof SalesExport>;

/** What was sold, in one currency. */
export const SalesFigures = z
  .object({
    revenue: Money.meta({ description: 'What was paid on these days, after discounts.' }),
    refunds: Money.meta({ description: 'What went back on these days, whenever it had been paid.' }),
    net: z
      .object({ amount: z.int(), currency: z.string() })
      .meta({ description: 'Revenue less refunds: below zero where more went back than came in.' }),
    orders: z.int().meta({ description: 'The orders paid on these days.' }),
    items: z.int().meta({ description: 'The films in them.' }),
    placed: z.int().meta({ description: 'The orders placed on these days.' }),
    converted: z.int().meta({ description: 'How many of those were paid, whenever.' }),
    conversion: z.number().nullable().meta({ description: 'converted ÷ placed; null where nothing was placed.' }),
  })
  .meta({ id: 'SalesFigures' });
export type SalesFigures = z.infer<typeof SalesFigures>;

const ABOUT = {
  from: Day,
  to: Day,
  timeZone: z.string(),
  totals: z.array(SalesFigures).meta({ description: 'One for each currency; each sale counts once.' }),
};
const isCapped = {
  rowsAreCapped: z.literal(true).optional().meta({ description: 'Present when there are more rows.' }),
};

/** A report about sales: by day, by film, or by genre. */
export const SalesReport = z
  .discriminatedUnion('by', [
    z
      .object({ by: z.literal('day'), ...ABOUT, rows: z.array(SalesFigures.extend({ day: Day })) })
      .meta({ id: 'SalesByDay' }),
    z
      .object({
        by: z.literal('movie'),
        ...ABOUT,
        rows: z.array(
          SalesFigures.extend({ movie: z.object({ id: Id, slug: z.string(), name: z.string(), year: z.int() }) }),
        ),
        ...isCapped,
      })
      .meta({ id: 'SalesByMovie' }),
    z
      .object({
        by: z.literal('genre'),
        ...ABOUT,
        rows: z.array(
          SalesFigures.extend({ genre: Named.nullable().meta({ description: 'Null: films without one.' }) }),
        ),
        ...isCapped,
      })
      .meta({ id: 'SalesByGenre' }),
  ])
  .meta({ id: 'SalesReport' });
export type SalesReport = z.infer<typeof SalesReport>;

/** How sales are counted, for the documentation. */
export const SALES_GUIDE = `Days begin and end in the time zone of the shop. A sale counts on the day it was paid, for what was paid: the price less
the film's share of the discount. A refund counts on the day it was made, not on that of the sale, so that the figures of
a day that is over stay; one that names no films falls to all films of its order, in proportion to what was paid for each.
Money that bought nothing and went back (an order paid twice, or too late) is neither.

\`conversion\` looks at the orders placed on these days: how many of them were paid, whenever that was. Of a film or genre,
\`orders\`, \`placed\` and \`converted\` count the orders that contain it.

By day, days without sales have rows too. By film and genre the rows that brought the most come first, at most
${MOST_REPORT_ROWS} in each currency; the file has all. A film of several genres counts whole in each, so that the rows by genre add
up to more than the totals. Genres and names are today's. Each currency has rows of its own.`;

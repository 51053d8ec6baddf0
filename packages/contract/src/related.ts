import { z } from 'zod';
import { Id, PageInput, pageOf } from './common.ts';

/** What films are described by, as their fields and addresses are called. A film has one certification, many others. */
export const RELATED_KINDS = ['genres', 'stars', 'directors', 'certifications', 'countries', 'languages'] as const;
/** One of {@link RELATED_KINDS}. */
export type RelatedKind = (typeof RELATED_KINDS)[number];

/** How many characters a name of each kind may have. */
export const LONGEST_RELATED_NAME: Record<RelatedKind, number> = {
  genres: 100,
  stars: 200,
  directors: 200,
  certifications: 100,
  countries: 100,
  languages: 100,
};

/** Writes a name as it is kept: NFC, trimmed, with single spaces. */
export function tidyName(name: string): string {
  return name.normalize('NFC').trim().replace(/\s+/gu, ' ');
}

/** A name or title, tidied; `longest` counts characters, as the database does. */
export function tidyText(longest: number) {
  return z
    .string()
    .max(4 * longest, { abort: true })
    .overwrite(tidyName)
    .min(1, { error: 'Say something.', abort: true })
    .refine((text) => /[^\s\p{C}]/u.test(text), { error: 'Say something that can be seen.', abort: true })
    .regex(/^\P{Cc}+$/u, { error: 'Control characters are not allowed.', abort: true })
    .refine((text) => [...text].length <= longest, `At most ${longest} characters.`)
    .meta({ maxLength: longest });
}

/** A genre, star, director, certification, country or language of the catalogue. */
export const Related = z
  .object({
    id: Id,
    name: z.string(),
    movieCount: z.int().meta({ description: 'How many films of the lists have it.' }),
  })
  .meta({ id: 'Related' });
export type Related = z.infer<typeof Related>;

export const RelatedPage = pageOf(Related).meta({ id: 'RelatedPage' });

export const RelatedListInput = PageInput.extend({
  query: z
    .string()
    .trim()
    .max(200)
    .optional()
    .meta({ description: 'A part of the name; neither case nor accents matter.' }),
});
export type RelatedListInput = z.infer<typeof RelatedListInput>;

/** What an id of each kind is called in an input: `{ genreId }`. */
export const RELATED_IDS = {
  genres: 'genreId',
  stars: 'starId',
  directors: 'directorId',
  certifications: 'certificationId',
  countries: 'countryId',
  languages: 'languageId',
} as const satisfies Record<RelatedKind, string>;

/** A new name of a kind. */
export function namedRelated(kind: RelatedKind) {
  return z.strictObject({ name: tidyText(LONGEST_RELATED_NAME[kind]) });
}

// The key is computed, so the type is spelled out: in place, because the published router type may name no alias.
type IdField<Kind extends RelatedKind> = (typeof RELATED_IDS)[Kind];

/** Names one of a kind: `{ genreId }`. */
export function relatedInput<Kind extends RelatedKind>(
  kind: Kind,
): z.ZodType<{ [Field in IdField<Kind>]: string }, { [Field in IdField<Kind>]: string }> {
  return shaped(z.strictObject({ [RELATED_IDS[kind]]: Id }));
}

/** Another name for one of a kind: `{ genreId, name }`. */
export function renamedRelated<Kind extends RelatedKind>(
  kind: Kind,
): z.ZodType<{ [Field in IdField<Kind> | 'name']: string }, { [Field in IdField<Kind> | 'name']: string }> {
  return shaped(namedRelated(kind).extend({ [RELATED_IDS[kind]]: Id }));
}

function shaped<Shape>(schema: z.ZodType): z.ZodType<Shape, Shape> {
  return schema as z.ZodType<Shape, Shape>;
}

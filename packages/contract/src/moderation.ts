import { z } from 'zod';
import { MovieStatus } from './catalogue.ts';
import { Bytes, Day, Money, MovieRef } from './common.ts';
import { LONGEST_RELATED_NAME, type RelatedKind, tidyText } from './related.ts';

const LONGEST_TITLE = 250;
const LONGEST_DESCRIPTION = 10_000;
const FIRST_FILM_YEAR = 1888;
const LARGEST_SMALLINT = 32_767;
const LARGEST_INT = 2_147_483_647;

const GivenMoney = z.strictObject(Money.shape).meta({ description: "In the currency's minor unit." });

/** Names a related row: by name, or by id. */
function relatedRef(kind: RelatedKind) {
  return tidyText(LONGEST_RELATED_NAME[kind]).meta({
    description: 'A name, found whatever its case, or made; or an id.',
    examples: ['019a5a4e-7c00-7000-8000-000000000001'],
  });
}

function relatedRefs(kind: RelatedKind) {
  return z.array(relatedRef(kind)).max(500).meta({ description: 'In their order; each a name, or an id.' });
}

const fields = {
  name: tidyText(LONGEST_TITLE),
  year: z.int().min(FIRST_FILM_YEAR).max(2_200).meta({ description: 'At most next year.' }),
  time: z.int().min(1).max(LARGEST_SMALLINT).meta({ description: 'Minutes.' }),
  releaseDate: Day.nullable(),
  imdb: z
    .number()
    .min(0)
    .max(10)
    .refine((rating) => Math.round(rating * 10) / 10 === rating, 'One decimal at most.'),
  votes: z.int().min(0).max(LARGEST_INT),
  metaScore: z.int().min(0).max(100).nullable(),
  gross: GivenMoney.nullable(),
  budget: GivenMoney.nullable(),
  description: z
    .string()
    .max(4 * LONGEST_DESCRIPTION, { abort: true })
    .normalize('NFC')
    .trim()
    .min(1, { error: 'Say something.', abort: true })
    .refine((text) => [...text].length <= LONGEST_DESCRIPTION, `At most ${LONGEST_DESCRIPTION} characters.`)
    .meta({ maxLength: LONGEST_DESCRIPTION }),
  price: GivenMoney.nullable().meta({
    description: "null: not for sale. In the shop's currency, and no less than the payment service takes.",
  }),
  status: MovieStatus,
  certification: relatedRef('certifications'),
  genres: relatedRefs('genres'),
  stars: relatedRefs('stars'),
  directors: relatedRefs('directors'),
  countries: relatedRefs('countries'),
  languages: relatedRefs('languages'),
};

/** A new film. Related rows are named, or given by id; names that are not there yet are made. */
export const CreateMovie = z.strictObject({
  ...fields,
  releaseDate: fields.releaseDate.default(null),
  votes: fields.votes.default(0),
  metaScore: fields.metaScore.default(null),
  gross: fields.gross.default(null),
  budget: fields.budget.default(null),
  price: fields.price.default(null),
  status: fields.status.default('released'),
  genres: fields.genres.default([]),
  stars: fields.stars.default([]),
  directors: fields.directors.default([]),
  countries: fields.countries.default([]),
  languages: fields.languages.default([]),
});
export type CreateMovie = z.infer<typeof CreateMovie>;

/** What is to change of a film: what is left out stays, null clears. */
export const UpdateMovie = z.strictObject({ movieId: MovieRef, ...z.strictObject(fields).partial().shape });
export type UpdateMovie = z.infer<typeof UpdateMovie>;

export const DeleteMovie = z.strictObject({
  movieId: MovieRef,
  force: z.boolean().default(false).meta({
    description: 'Withdraw the film though it is in carts, which it leaves, or in orders that wait for payment.',
  }),
});

export type DeleteMovie = z.infer<typeof DeleteMovie>;

export const SetPoster = z.strictObject({ movieId: MovieRef, image: Bytes });
export const Poster = z.object({ posterUrl: z.string() }).meta({ id: 'Poster' });

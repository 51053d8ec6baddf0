import { z } from 'zod';
import { Gender, Profile } from './accounts.ts';
import { Bytes, Id } from './common.ts';

const LONGEST_NAME = 100;
const LONGEST_INFO = 2_000;
const EARLIEST_BIRTH = '1900-01-01';

// Letters of any script with their marks, and what stands between the parts of a name: phones type ’ for '.
const NAME = /^[\p{L}\p{M} '’-]*\p{L}[\p{L}\p{M} '’-]*$/u;

/** A part of a name, kept as typed, in NFC. */
const Name = z
  .string()
  .max(1_000, { abort: true })
  .normalize('NFC')
  .regex(NAME, { error: 'A name has letters, spaces, hyphens and apostrophes only.', abort: true })
  .refine((name) => lengthOf(name) <= LONGEST_NAME, `A name has at most ${LONGEST_NAME} characters.`)
  .meta({ maxLength: LONGEST_NAME, examples: ['Zoë'] });

const DateOfBirth = z.iso
  .date({ abort: true })
  .refine((day) => day >= EARLIEST_BIRTH, 'Nobody is that old.')
  .meta({
    description: 'Not before 1900. Viewers are 18 or older, unless the cinema has set another age.',
    examples: ['1990-12-31'],
  });

const Info = z
  .string()
  .max(10_000, { abort: true })
  .regex(/[^\s\p{C}]/u, { error: 'Say something, or clear it with null.', abort: true })
  .refine((text) => lengthOf(text) <= LONGEST_INFO, `At most ${LONGEST_INFO} characters.`)
  .meta({ maxLength: LONGEST_INFO });

/** What a viewer tells of himself: null clears a field, and one that is left out stays as it is. */
export const UpdateProfile = z.strictObject({
  firstName: Name.nullable().optional(),
  lastName: Name.nullable().optional(),
  gender: Gender.nullable().optional(),
  dateOfBirth: DateOfBirth.nullable().optional(),
  info: Info.nullable().optional(),
});
export type UpdateProfile = z.infer<typeof UpdateProfile>;

export const SetAvatar = z.strictObject({ image: Bytes });
export const Avatar = z.object({ avatarUrl: z.string() }).meta({ id: 'Avatar' });

export const CardInput = z.strictObject({ userId: Id });

/** What everybody may know of a user. */
export const UserCard = z
  .object({
    id: Id,
    displayName: z.string().meta({ description: 'The name of the profile, or a made-up one.' }),
    avatarUrl: Profile.shape.avatarUrl,
  })
  .meta({ id: 'UserCard' });
export type UserCard = z.infer<typeof UserCard>;

// In code points, as the database counts.
function lengthOf(text: string): number {
  return [...text].length;
}

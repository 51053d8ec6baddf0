import { z } from 'zod';
import { Day, Id, Moment } from './common.ts';
import { Role } from './roles.ts';

// One @, nothing a mail header could trip over, and a domain of labels. Letters of any script.
const EMAIL =
  /^[^\s@"<>()[\]\\,;:\p{C}]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}-]{2,63}$/u;

/** An e-mail address; trimmed, NFC and lower case from here on. */
export const Email = z
  .string()
  .max(1_000)
  .trim()
  .toLowerCase()
  .normalize('NFC')
  .max(254, 'An address has at most 254 characters.')
  .regex(EMAIL, 'This is not an e-mail address.')
  // RFC 2606: nobody is reached there. It stands for accounts that were deleted.
  .refine((email) => !email.endsWith('.invalid'), 'This is not an e-mail address.')
  .meta({ examples: ['ada@example.com'] });

/** A password as typed. What a new one must be, the server's policy says; an old one is never measured. */
export const Password = z.string().meta({ format: 'password', examples: ['Popcorn-demo1'] });

const Token = z.string().min(1).max(500);

/** What a visitor sends to open an account. */
export const Register = z.strictObject({ email: Email, password: Password });
/** Answers a registration: the account, still inactive, and what to do next, for a person. */
export const Registered = z.object({ id: Id, email: z.string(), message: z.string() }).meta({ id: 'Registered' });

/** What the activation page sends: the token from the link in the mail. */
export const Activate = z.strictObject({ token: Token });
/** Asks for another activation mail. The answer is the same for every address. */
export const ResendActivation = z.strictObject({ email: Email });

/** What signs a device in. */
export const Login = z.strictObject({ email: Email, password: Password });

/** What a signed-in device holds. */
export const TokenPair = z
  .object({
    accessToken: z.string().meta({ description: 'Sent as `Authorization: Bearer …`.' }),
    refreshToken: z.string().meta({ description: 'Good for one refresh.' }),
    tokenType: z.literal('Bearer'),
    expiresIn: z.int().meta({ description: 'Seconds until the access token expires.' }),
  })
  .meta({ id: 'TokenPair' });
export type TokenPair = z.infer<typeof TokenPair>;

/** A refresh token, sent to get the next pair or to end its session. */
export const RefreshTokenInput = z.strictObject({ refreshToken: z.string().min(1).max(4_000) });

export const ChangePassword = z.strictObject({ oldPassword: Password, newPassword: Password });

export const RequestPasswordReset = z.strictObject({ email: Email });
export const ResetPassword = z.strictObject({ token: Token, newPassword: Password });

export const RequestEmailChange = z.strictObject({ newEmail: Email, password: Password });
export const ConfirmEmailChange = z.strictObject({ token: Token });

export const RequestDeletion = z.strictObject({ password: Password });
export const DeletionRequested = z
  .object({
    deletesAt: Moment.meta({ description: 'Until then it can be canceled.' }),
  })
  .meta({ id: 'DeletionRequested' });

/** A signed-in device, as its owner sees it. */
export const Session = z
  .object({
    id: Id,
    current: z.boolean().meta({ description: 'The session this call was made with.' }),
    userAgent: z.string().nullable(),
    ip: z.string().nullable().meta({ description: 'Where it signed in from.' }),
    createdAt: Moment,
    lastUsedAt: Moment.meta({
      description:
        'When it last signed in or refreshed; calls in between, until the access token expires, do not count.',
    }),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

/** The sessions that live, last used first, the current one before all others. No more than a hundred are listed. */
export const Sessions = z.object({ items: z.array(Session) }).meta({ id: 'Sessions' });

export const SessionInput = z.strictObject({ sessionId: Id });

export const LogoutEverywhere = z.strictObject({
  scope: z.enum(['all', 'others']).meta({ description: '`others` keeps the session of this call.' }),
});
export const LoggedOutEverywhere = z.object({ sessionsEnded: z.int().min(0) }).meta({ id: 'LoggedOutEverywhere' });

export const Gender = z.enum(['man', 'woman', 'other']);

export const Profile = z
  .object({
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    gender: Gender.nullable(),
    dateOfBirth: Day.nullable(),
    info: z.string().nullable(),
    avatarUrl: z.string().nullable(),
  })
  .meta({ id: 'Profile' });
export type Profile = z.infer<typeof Profile>;

/** An account as its owner sees it. `totpEnabled`: a second factor is set up. */
export const Me = z
  .object({
    id: Id,
    email: z.string(),
    role: Role,
    isActive: z.boolean(),
    createdAt: Moment,
    totpEnabled: z.boolean(),
    deletesAt: Moment.optional().meta({
      description: 'When the account will be deleted, if its owner has asked for that.',
    }),
    profile: Profile,
  })
  .meta({ id: 'Account' });
export type Me = z.infer<typeof Me>;

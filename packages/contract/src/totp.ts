import { z } from 'zod';
import { Password } from './accounts.ts';

/** Six digits, as an authenticator app shows them; in groups, too. */
const TotpCode = z
  .string()
  .max(20)
  .overwrite((code) => code.replaceAll(/\s/g, ''))
  .regex(/^[0-9]{6}$/, 'A code has six digits.')
  .meta({ examples: ['123456'] });

const RecoveryCode = z
  .string()
  .min(1)
  .max(50)
  .meta({ description: 'One of those that were given out when two-factor login was set up.' });

export const SetUpTotp = z
  .strictObject({
    password: Password.optional().meta({ description: 'Needed more than 15 minutes after the sign-in.' }),
  })
  .optional();

export const TotpSetup = z
  .object({
    otpauthUri: z.string().meta({ description: 'What an authenticator app reads from a QR code.' }),
    secret: z.string().meta({ description: 'The same for typing: base32.' }),
  })
  .meta({ id: 'TotpSetup' });
export type TotpSetup = z.infer<typeof TotpSetup>;

export const TotpCodeInput = z.strictObject({ code: TotpCode });

export const RecoveryCodes = z
  .object({
    recoveryCodes: z.array(z.string()).meta({ description: 'Each is good for one sign-in. They are not shown again.' }),
  })
  .meta({ id: 'RecoveryCodes' });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;

export const DisableTotp = z.strictObject({ password: Password });

/** The second step of a sign-in: a code or a recovery code. */
export const CompleteLogin = z
  .strictObject({
    challenge: z.string().min(1).max(500).meta({ description: 'From the refusal `totp_required` of the first step.' }),
    code: TotpCode.optional(),
    recoveryCode: RecoveryCode.optional(),
  })
  .refine(({ code, recoveryCode }) => (code === undefined) !== (recoveryCode === undefined), {
    path: ['code'],
    message: 'Send either a code or a recovery code.',
  })
  .meta({ examples: [{ challenge: 'the-challenge-of-the-refusal', code: '123456' }] });
export type CompleteLogin = z.infer<typeof CompleteLogin>;

import { isCinemaError } from '@online-cinema/client';
import { useMutation } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { CodeField, PasswordField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { QrCode } from './qr-code.tsx';

/** Connects an authenticator app, and switches two-factor login on with its first code. */
export function TwoFactorSetup({ email, onEnabled }: { email: string; onEnabled: (codes: string[]) => void }) {
  const setUp = useMutation(trpc.accounts.totp.setup.mutationOptions());
  const enable = useMutation(
    trpc.accounts.totp.enable.mutationOptions({ onSuccess: ({ recoveryCodes }) => onEnabled(recoveryCodes) }),
  );
  // Asked for when the sign-in was a while ago; the form stays when the password was wrong.
  const lacksPassword = isCinemaError(setUp.error, 'password_required');
  const wantsPassword = lacksPassword || setUp.variables?.password !== undefined;

  if (!setUp.data) {
    return (
      <>
        <p className="text-dust">
          An app on your phone shows a code that is good for half a minute. Any authenticator app will do.
        </p>
        {wantsPassword ? (
          <Form
            key="password"
            sending={{ isPending: setUp.isPending, error: lacksPassword ? null : setUp.error }}
            button="Go on"
            onSend={(typed) => setUp.mutate({ password: typed('password') })}
          >
            <p>You signed in a while ago. Enter your password once more.</p>
            <input name="username" autoComplete="username" value={email} readOnly hidden />
            <PasswordField />
          </Form>
        ) : (
          <Form key="begin" sending={setUp} button="Set up an authenticator app" onSend={() => setUp.mutate({})} />
        )}
      </>
    );
  }
  const { otpauthUri, secret } = setUp.data;
  return (
    <>
      <p>Scan this with your authenticator app.</p>
      <QrCode text={otpauthUri} label="QR code for your authenticator app" />
      <p className="text-dust">
        Or type this key into it:
        <code className="mt-1 block font-mono text-lg tracking-wider break-words text-screen select-all">
          {inGroups(secret)}
        </code>
      </p>
      <Form sending={enable} button="Switch it on" onSend={(typed) => enable.mutate({ code: typed('code') })}>
        <CodeField />
      </Form>
    </>
  );
}

function inGroups(secret: string): string {
  return secret.replaceAll(/.{4}(?=.)/g, '$& ');
}

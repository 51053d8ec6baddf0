import { isCinemaError } from '@online-cinema/client';
import { useMutation } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { cinema } from '../cinema.ts';
import { Field, PasswordField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Card } from '../ui/page.tsx';
import { CodeStep } from './code-step.tsx';
import { ResendActivation } from './resend-activation.tsx';
import { localPath } from './local-path.ts';

/** Signs in and goes on to `next`, a page of this site. */
export function SignInPage({ next }: { next: string | undefined }) {
  const router = useRouter();
  const [email, setEmail] = useState('');
  const goOn = () => router.history.push(localPath(next, window.location.origin));
  const signIn = useMutation({
    mutationFn: (password: string) => cinema.$session.signIn({ email, password }),
    onSuccess: goOn,
  });

  if (isCinemaError(signIn.error, 'totp_required')) {
    return <CodeStep challenge={signIn.error.data.challenge} onSignedIn={goOn} onStartAgain={signIn.reset} />;
  }
  return (
    <Card title="Sign in">
      <Form sending={signIn} button="Sign in" onSend={(typed) => signIn.mutate(typed('password'))}>
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <PasswordField />
      </Form>
      {isCinemaError(signIn.error, 'not_active') && <ResendActivation email={email} />}
      <p>
        <Link to="/forgot-password" className="text-lamp underline underline-offset-4">
          Forgot your password?
        </Link>
      </p>
      <p className="text-dust">
        No account yet?{' '}
        <Link to="/register" className="text-lamp underline underline-offset-4">
          Register
        </Link>
      </p>
    </Card>
  );
}

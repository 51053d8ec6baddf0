import { isCinemaError } from '@online-cinema/client';
import { useMutation } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { cinema } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Failure } from '../ui/notice.tsx';
import { Card } from '../ui/page.tsx';
import { faultsOf } from '../ui/refusals.ts';
import { CodeStep } from './code-step.tsx';
import { ResendActivation } from './resend-activation.tsx';
import { localPath } from './local-path.ts';

/** Signs in and goes on to `next`, a page of this site. */
export function SignInPage({ next }: { next: string | undefined }) {
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const goOn = () => router.history.push(localPath(next, window.location.origin));
  const signIn = useMutation({
    mutationFn: () => cinema.$session.signIn({ email, password }),
    onSuccess: goOn,
  });

  if (isCinemaError(signIn.error, 'totp_required')) {
    return <CodeStep challenge={signIn.error.data.challenge} onSignedIn={goOn} onStartAgain={signIn.reset} />;
  }
  return (
    <Card title="Sign in">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          faults={faultsOf(signIn.error, 'email')}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          faults={faultsOf(signIn.error, 'password')}
        />
        <Button type="submit" isBusy={signIn.isPending}>
          Sign in
        </Button>
      </form>
      {signIn.error && <Failure error={signIn.error} />}
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

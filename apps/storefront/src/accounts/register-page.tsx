import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Failure } from '../ui/notice.tsx';
import { Card } from '../ui/page.tsx';
import { faultsOf } from '../ui/refusals.ts';

/** Opens an account; the mail that activates it comes next. */
export function RegisterPage() {
  const navigate = useNavigate();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const register = useMutation(
    trpc.accounts.register.mutationOptions({
      onSuccess: (account) => navigate({ to: '/check-mail', state: { email: account.email } }),
    }),
  );

  return (
    <Card title="Register">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          register.mutate({ email, password });
        }}
      >
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="email"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          faults={faultsOf(register.error, 'email')}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint="At least 8 characters, with upper-case and lower-case letters, a digit and a special character."
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          faults={faultsOf(register.error, 'password')}
        />
        <Button type="submit" isBusy={register.isPending}>
          Create account
        </Button>
      </form>
      {register.error && <Failure error={register.error} />}
      <p className="text-dust">
        You have an account?{' '}
        <Link to="/sign-in" className="text-lamp underline underline-offset-4">
          Sign in
        </Link>
      </p>
    </Card>
  );
}

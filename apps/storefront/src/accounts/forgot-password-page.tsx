import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Failure, Notice } from '../ui/notice.tsx';
import { Card } from '../ui/page.tsx';
import { faultsOf } from '../ui/refusals.ts';

/** Asks for the mail with which a forgotten password is replaced. */
export function ForgotPasswordPage() {
  const [email, setEmail] = useState('');
  const request = useMutation(trpc.accounts.requestPasswordReset.mutationOptions());

  return (
    <Card title="Forgot your password?">
      {request.data ? (
        <Notice tone="good">{request.data.message}</Notice>
      ) : (
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            request.mutate({ email });
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
            faults={faultsOf(request.error, 'email')}
          />
          <Button type="submit" isBusy={request.isPending}>
            Send me a link
          </Button>
        </form>
      )}
      {request.error && <Failure error={request.error} />}
    </Card>
  );
}

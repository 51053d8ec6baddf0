import { isCinemaError } from '@online-cinema/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../cinema.ts';
import { Button, ButtonLink } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Failure, Notice } from '../ui/notice.tsx';
import { Card } from '../ui/page.tsx';
import { faultsOf } from '../ui/refusals.ts';

/** Where the link of the reset mail leads. */
export function ResetPasswordPage({ token }: { token: string }) {
  const [newPassword, setNewPassword] = useState('');
  const reset = useMutation(trpc.accounts.resetPassword.mutationOptions());

  return (
    <Card title="Choose a password">
      {reset.data ? (
        <>
          <Notice tone="good">{reset.data.message}</Notice>
          <ButtonLink to="/sign-in">Sign in</ButtonLink>
        </>
      ) : (
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            reset.mutate({ token, newPassword });
          }}
        >
          <Field
            label="New password"
            name="newPassword"
            type="password"
            autoComplete="new-password"
            hint="At least 8 characters; large and small letters, a digit and a sign make it strong."
            required
            value={newPassword}
            onChange={(event) => setNewPassword(event.target.value)}
            faults={faultsOf(reset.error, 'newPassword')}
          />
          <Button type="submit" isBusy={reset.isPending}>
            Set the password
          </Button>
        </form>
      )}
      {reset.error && <Failure error={reset.error} />}
      {isBadLink(reset.error) && <ButtonLink to="/forgot-password">Ask for another link</ButtonLink>}
    </Card>
  );
}

// A link without its token is as bad as one that was used.
function isBadLink(error: unknown): boolean {
  return isCinemaError(error, 'invalid_token') || faultsOf(error, 'token').length > 0;
}

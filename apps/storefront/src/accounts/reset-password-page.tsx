import { isCinemaError } from '@online-cinema/client';
import { useMutation } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { ButtonLink } from '../ui/button.tsx';
import { NewPasswordField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Notice } from '../ui/notice.tsx';
import { Card } from '../ui/page.tsx';
import { faultsOf } from '../ui/refusals.ts';

/** Where the link of the reset mail leads. */
export function ResetPasswordPage({ token }: { token: string }) {
  const reset = useMutation(trpc.accounts.resetPassword.mutationOptions());
  return (
    <Card title="Choose a password">
      {reset.data ? (
        <>
          <Notice tone="good">{reset.data.message}</Notice>
          <ButtonLink to="/sign-in">Sign in</ButtonLink>
        </>
      ) : (
        <Form
          sending={reset}
          button="Set the password"
          onSend={(typed) => reset.mutate({ token, newPassword: typed('newPassword') })}
        >
          <NewPasswordField label="New password" name="newPassword" />
        </Form>
      )}
      {isBadLink(reset.error) && <ButtonLink to="/forgot-password">Ask for another link</ButtonLink>}
    </Card>
  );
}

// A link without its token is as bad as one that was used.
function isBadLink(error: unknown): boolean {
  return isCinemaError(error, 'invalid_token') || faultsOf(error, 'token').length > 0;
}

import { useMutation } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Notice } from '../ui/notice.tsx';
import { Card } from '../ui/page.tsx';

/** Asks for the mail with which a forgotten password is replaced. */
export function ForgotPasswordPage() {
  const request = useMutation(trpc.accounts.requestPasswordReset.mutationOptions());
  return (
    <Card title="Forgot your password?">
      {request.data ? (
        <Notice tone="good">{request.data.message}</Notice>
      ) : (
        <Form sending={request} button="Send me a link" onSend={(typed) => request.mutate({ email: typed('email') })}>
          <Field label="E-mail" name="email" type="email" autoComplete="username" required />
        </Form>
      )}
    </Card>
  );
}

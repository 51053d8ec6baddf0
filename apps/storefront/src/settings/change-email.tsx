import { useMutation } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { Field, PasswordField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Notice } from '../ui/notice.tsx';

/** Asks for the mail that moves the account to another address. */
export function ChangeEmail() {
  const request = useMutation(trpc.accounts.requestEmailChange.mutationOptions());
  if (request.data) return <Notice tone="good">{request.data.message}</Notice>;
  return (
    <Form
      sending={request}
      button="Change the address"
      look="plain"
      onSend={(typed) => request.mutate({ newEmail: typed('newEmail'), password: typed('password') })}
    >
      <Field label="New e-mail" name="newEmail" type="email" autoComplete="email" required />
      <PasswordField />
    </Form>
  );
}

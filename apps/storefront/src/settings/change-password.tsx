import { useMutation, useQueryClient } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { NewPasswordField, PasswordField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Notice } from '../ui/notice.tsx';

/** Replaces the password. The address is there for password managers. */
export function ChangePassword({ email }: { email: string }) {
  const client = useQueryClient();
  const change = useMutation(
    trpc.accounts.changePassword.mutationOptions({
      onSuccess: () => client.invalidateQueries(trpc.accounts.sessions.pathFilter()),
    }),
  );
  if (change.data) return <Notice tone="good">{change.data.message}</Notice>;
  return (
    <Form
      sending={change}
      button="Change the password"
      look="plain"
      onSend={(typed) => change.mutate({ oldPassword: typed('oldPassword'), newPassword: typed('newPassword') })}
    >
      <input name="username" autoComplete="username" value={email} readOnly hidden />
      <PasswordField label="Password until now" name="oldPassword" />
      <NewPasswordField label="New password" name="newPassword" />
    </Form>
  );
}

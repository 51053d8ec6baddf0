import { useMutation } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Notice } from '../ui/notice.tsx';

/** Asks for another activation mail to an address; where it is not known, for the address first. */
export function ResendActivation({ email }: { email?: string }) {
  const resend = useMutation(trpc.accounts.resendActivation.mutationOptions());
  if (resend.data) return <Notice tone="good">{resend.data.message}</Notice>;
  return (
    <Form
      sending={resend}
      button="Send the activation mail again"
      look="plain"
      onSend={(typed) => resend.mutate({ email: email ?? typed('email') })}
    >
      {email === undefined && (
        <Field label="Your e-mail, for a new link" name="email" type="email" autoComplete="email" required />
      )}
    </Form>
  );
}

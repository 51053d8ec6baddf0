import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { trpc } from '../cinema.ts';
import { Field, NewPasswordField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Card } from '../ui/page.tsx';

/** Opens an account; the mail that activates it comes next. */
export function RegisterPage() {
  const navigate = useNavigate();
  const register = useMutation(
    trpc.accounts.register.mutationOptions({
      onSuccess: (account) => navigate({ to: '/check-mail', state: { email: account.email } }),
    }),
  );
  return (
    <Card title="Register">
      <Form
        sending={register}
        button="Create account"
        onSend={(typed) => register.mutate({ email: typed('email'), password: typed('password') })}
      >
        <Field label="E-mail" name="email" type="email" autoComplete="email" required />
        <NewPasswordField label="Password" name="password" />
      </Form>
      <p className="text-dust">
        You have an account?{' '}
        <Link to="/sign-in" className="text-lamp underline underline-offset-4">
          Sign in
        </Link>
      </p>
    </Card>
  );
}

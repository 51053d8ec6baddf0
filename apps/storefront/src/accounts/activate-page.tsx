import { isCinemaError } from '@online-cinema/client';
import { cinema } from '../cinema.ts';
import { ButtonLink } from '../ui/button.tsx';
import { LinkPage } from './link-page.tsx';
import { ResendActivation } from './resend-activation.tsx';

/** Where the link of the activation mail leads. */
export function ActivatePage({ token }: { token: string }) {
  const signIn = <ButtonLink to="/sign-in">Sign in</ButtonLink>;
  return (
    <LinkPage
      title="Activate your account"
      token={token}
      spend={(input) => cinema.accounts.activate.mutate(input)}
      onward={signIn}
      renderInstead={(error) => (isCinemaError(error, 'already_active') ? signIn : <ResendActivation />)}
    />
  );
}

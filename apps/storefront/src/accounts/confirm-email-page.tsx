import { cinema } from '../cinema.ts';
import { ButtonLink } from '../ui/button.tsx';
import { LinkPage } from './link-page.tsx';

/** Where the link of the mail to a new address leads. */
export function ConfirmEmailPage({ token }: { token: string }) {
  return (
    <LinkPage
      title="Confirm your address"
      token={token}
      spend={(input) => cinema.accounts.confirmEmailChange.mutate(input)}
      onward={<ButtonLink to="/">To the films</ButtonLink>}
    />
  );
}

import { useLocation } from '@tanstack/react-router';
import { ButtonLink } from '../ui/button.tsx';
import { Card } from '../ui/page.tsx';
import { ResendActivation } from './resend-activation.tsx';

/** An account was opened, and its mail is on the way. */
export function CheckMailPage() {
  const { email } = useLocation().state;
  return (
    <Card title="Check your mail">
      <svg
        viewBox="0 0 64 48"
        className="w-20 text-lamp"
        fill="none"
        stroke="currentColor"
        strokeWidth="3"
        aria-hidden="true"
      >
        <rect x="2" y="2" width="60" height="44" rx="6" />
        <path d="M4 8l28 20L60 8" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      <p>
        We sent a link to <strong>{email ?? 'your address'}</strong>. Follow it to activate the account; then sign in.
      </p>
      <p className="text-dust">Nothing there after a minute? Check your spam folder, or ask for it again.</p>
      {email !== undefined && <ResendActivation email={email} />}
      <ButtonLink look="quiet" to="/">
        Look at the films meanwhile
      </ButtonLink>
    </Card>
  );
}

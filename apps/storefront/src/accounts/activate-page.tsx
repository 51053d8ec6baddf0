import { isCinemaError } from '@online-cinema/client';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cinema } from '../cinema.ts';
import { ButtonLink } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Failure, Notice } from '../ui/notice.tsx';
import { Card, Skeleton } from '../ui/page.tsx';
import { ResendActivation } from './resend-activation.tsx';

/** Where the link of the activation mail leads. */
export function ActivatePage({ token }: { token: string }) {
  // A query, so that a page which is drawn twice spends the token once.
  const activation = useQuery({
    queryKey: ['activation', token],
    queryFn: () => cinema.accounts.activate.mutate({ token }),
    retry: false,
    staleTime: Infinity,
    refetchOnMount: false,
  });

  return (
    <Card title="Activate your account">
      {activation.isPending && (
        <Skeleton label="Activating your account">
          <div className="h-12 rounded-xl bg-velvet" />
        </Skeleton>
      )}
      {activation.data && (
        <>
          <Notice tone="good">{activation.data.message}</Notice>
          <ButtonLink to="/sign-in">Sign in</ButtonLink>
        </>
      )}
      {activation.error && (
        <>
          <Failure error={activation.error} />
          {isCinemaError(activation.error, 'already_active') ? (
            <ButtonLink to="/sign-in">Sign in</ButtonLink>
          ) : (
            <AnotherMail />
          )}
        </>
      )}
    </Card>
  );
}

function AnotherMail() {
  const [email, setEmail] = useState('');
  return (
    <div className="grid gap-4">
      <Field
        label="Your e-mail, for a new link"
        name="email"
        type="email"
        autoComplete="email"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <ResendActivation email={email} />
    </div>
  );
}

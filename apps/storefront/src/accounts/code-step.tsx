import { isCinemaError } from '@online-cinema/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { cinema } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';
import { Failure, Notice } from '../ui/notice.tsx';
import { Card } from '../ui/page.tsx';
import { faultsOf } from '../ui/refusals.ts';

/** The second step of a sign-in: a code of the authenticator app or, when that is gone, a recovery code. */
export function CodeStep({
  challenge,
  onSignedIn,
  onStartAgain,
}: {
  challenge: string;
  onSignedIn: () => void;
  onStartAgain: () => void;
}) {
  const [hasApp, setHasApp] = useState(true);
  const [typed, setTyped] = useState('');
  const complete = useMutation({
    mutationFn: () =>
      cinema.$session.completeTotp({ challenge, ...(hasApp ? { code: typed } : { recoveryCode: typed }) }),
    onSuccess: onSignedIn,
  });
  const hasEnded = isCinemaError(complete.error, 'invalid_code') && complete.error.data.challengeEnded === true;

  return (
    <Card title="One more step">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          complete.mutate();
        }}
      >
        <Field
          key={hasApp ? 'code' : 'recoveryCode'}
          label={hasApp ? 'Code' : 'Recovery code'}
          hint={
            hasApp ? 'Six digits, from your authenticator app.' : 'One of the ten you have kept. Each is good once.'
          }
          name={hasApp ? 'code' : 'recoveryCode'}
          inputMode={hasApp ? 'numeric' : 'text'}
          autoComplete={hasApp ? 'one-time-code' : 'off'}
          autoCapitalize="none"
          spellCheck={false}
          ref={focus}
          required
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          faults={faultsOf(complete.error, hasApp ? 'code' : 'recoveryCode')}
        />
        <Button type="submit" isBusy={complete.isPending} disabled={hasEnded}>
          Sign in
        </Button>
      </form>
      {hasEnded && (
        <Notice tone="bad">
          <p>That took too long or too many tries. Enter your password again.</p>
        </Notice>
      )}
      {complete.error && !hasEnded && <Failure error={complete.error} />}
      <div className="flex flex-wrap gap-2">
        <Button
          look="quiet"
          onClick={() => {
            setHasApp(!hasApp);
            setTyped('');
            complete.reset();
          }}
        >
          {hasApp ? 'Use a recovery code' : 'Use the authenticator app'}
        </Button>
        <Button look="quiet" onClick={onStartAgain}>
          Back to the password
        </Button>
      </div>
    </Card>
  );
}

// The field that had the focus went with the step before.
function focus(field: HTMLInputElement | null): void {
  field?.focus();
}

import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { cinema } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { CodeField, Field } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { Card } from '../ui/page.tsx';
import { isCodeStepOver } from '../ui/refusals.ts';

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
  const complete = useMutation({
    mutationFn: (code: { code: string } | { recoveryCode: string }) =>
      cinema.$session.completeTotp({ challenge, ...code }),
    onSuccess: onSignedIn,
  });

  return (
    <Card title="One more step">
      <Form
        sending={complete}
        button="Sign in"
        isOver={isCodeStepOver(complete.error)}
        onSend={(typed) => complete.mutate(hasApp ? { code: typed('code') } : { recoveryCode: typed('recoveryCode') })}
      >
        {hasApp ? (
          <CodeField ref={focus} />
        ) : (
          <Field
            label="Recovery code"
            hint="One of the ten you have kept. Each is good once."
            name="recoveryCode"
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            ref={focus}
            required
          />
        )}
      </Form>
      <div className="flex flex-wrap gap-2">
        <Button
          look="quiet"
          onClick={() => {
            setHasApp(!hasApp);
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

import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { trpc } from '../cinema.ts';
import { CodeField, PasswordField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';

/** Replaces the recovery codes. */
export function NewRecoveryCodes({ onRenewed }: { onRenewed: (codes: string[]) => void }) {
  const renew = useMutation(
    trpc.accounts.totp.newRecoveryCodes.mutationOptions({ onSuccess: ({ recoveryCodes }) => onRenewed(recoveryCodes) }),
  );
  return (
    <Folded title="New recovery codes">
      <p className="text-dust">The ones you have are good no more then.</p>
      <Form
        sending={renew}
        button="Give me new ones"
        look="plain"
        onSend={(typed) => renew.mutate({ code: typed('code') })}
      >
        <CodeField />
      </Form>
    </Folded>
  );
}

/** Switches two-factor login off. */
export function TurnOff({ onDisabled }: { onDisabled: () => void }) {
  const disable = useMutation(trpc.accounts.totp.disable.mutationOptions({ onSuccess: onDisabled }));
  return (
    <Folded title="Switch it off">
      <p className="text-dust">Your password alone signs you in then.</p>
      <Form
        sending={disable}
        button="Switch it off"
        look="danger"
        onSend={(typed) => disable.mutate({ password: typed('password') })}
      >
        <PasswordField />
      </Form>
    </Folded>
  );
}

function Folded({ title, children }: { title: string; children: ReactNode }) {
  return (
    <details className="group rounded-2xl border border-seam" name="two-factor">
      <summary className="flex min-h-12 cursor-pointer items-center justify-between rounded-2xl px-5 font-semibold hover:text-lamp">
        {title}
        <span aria-hidden="true" className="transition-transform group-open:rotate-90">
          ›
        </span>
      </summary>
      <div className="grid gap-4 p-5 pt-2">{children}</div>
    </details>
  );
}

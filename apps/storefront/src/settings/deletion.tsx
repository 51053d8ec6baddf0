import { useMutation, useQueryClient } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { PasswordField } from '../ui/field.tsx';
import { Form } from '../ui/form.tsx';
import { formatMoment } from '../ui/format.ts';
import { Failure, Notice } from '../ui/notice.tsx';

/** Asks for the account to be deleted. */
export function DeleteAccount() {
  const request = useMutation(trpc.accounts.requestDeletion.mutationOptions({ onSuccess: useForgetMe() }));
  return (
    <Form
      sending={request}
      button="Delete my account"
      look="danger"
      onSend={(typed) => request.mutate({ password: typed('password') })}
    >
      <PasswordField />
    </Form>
  );
}

/** Says when the account will be gone, and offers to keep it. */
export function KeepAccount({ deletesAt }: { deletesAt: Date }) {
  const cancel = useMutation(trpc.accounts.cancelDeletion.mutationOptions({ onSuccess: useForgetMe() }));
  return (
    <Notice tone="bad">
      <p className="grow">Your account will be deleted on {formatMoment(deletesAt)}.</p>
      <Button look="plain" isBusy={cancel.isPending} onClick={() => cancel.mutate()}>
        Keep my account
      </Button>
      {cancel.error && <Failure error={cancel.error} />}
    </Notice>
  );
}

/** Has the account read anew. */
function useForgetMe(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries(trpc.accounts.me.pathFilter());
}

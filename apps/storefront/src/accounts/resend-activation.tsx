import { useMutation } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { Failure, Notice } from '../ui/notice.tsx';

/** Asks for another activation mail to an address. */
export function ResendActivation({ email }: { email: string }) {
  const resend = useMutation(trpc.accounts.resendActivation.mutationOptions());
  if (resend.data) return <Notice tone="good">{resend.data.message}</Notice>;
  return (
    <div className="grid gap-3">
      <Button look="plain" isBusy={resend.isPending} onClick={() => resend.mutate({ email })}>
        Send the activation mail again
      </Button>
      {resend.error && <Failure error={resend.error} />}
    </div>
  );
}

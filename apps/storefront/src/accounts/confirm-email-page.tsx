import { useQuery } from '@tanstack/react-query';
import { cinema } from '../cinema.ts';
import { ButtonLink } from '../ui/button.tsx';
import { Failure, Notice } from '../ui/notice.tsx';
import { Card, Skeleton } from '../ui/page.tsx';

/** Where the link of the mail to a new address leads. */
export function ConfirmEmailPage({ token }: { token: string }) {
  // A query, so that a page which is drawn twice spends the token once.
  const confirmation = useQuery({
    queryKey: ['email-change', token],
    queryFn: () => cinema.accounts.confirmEmailChange.mutate({ token }),
    retry: false,
    staleTime: Infinity,
    refetchOnMount: false,
  });

  return (
    <Card title="Confirm your address">
      {confirmation.isPending && (
        <Skeleton label="Confirming your address">
          <div className="h-12 rounded-xl bg-velvet" />
        </Skeleton>
      )}
      {confirmation.data && (
        <>
          <Notice tone="good">{confirmation.data.message}</Notice>
          <ButtonLink to="/">To the films</ButtonLink>
        </>
      )}
      {confirmation.error && <Failure error={confirmation.error} />}
    </Card>
  );
}

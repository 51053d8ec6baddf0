import { useMutation, useQuery } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { Failure, Notice } from '../ui/notice.tsx';
import { DeleteAccount } from './deletion.tsx';
import { Section } from './section.tsx';

/** A copy of all that is kept of somebody, and the end of it. */
export function DataPage() {
  const { data: me } = useQuery(trpc.accounts.me.queryOptions());
  const request = useMutation(trpc.accounts.exportData.mutationOptions());
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <Section
        title="A copy of your data"
        about="One file with everything that belongs to your account. We mail you a link to it; you may ask once in 24 hours."
      >
        {request.data ? (
          <Notice tone="good">{request.data.message}</Notice>
        ) : (
          <Button
            look="plain"
            className="sm:justify-self-start"
            isBusy={request.isPending}
            onClick={() => request.mutate()}
          >
            Export my data
          </Button>
        )}
        {request.error && <Failure error={request.error} />}
      </Section>
      {me && !me.deletesAt && (
        <Section
          title="Delete your account"
          about="Your profile, your library and your cart go with it, 14 days from now; until then you can change your mind. Orders and payments are kept for our books, without your name."
        >
          <DeleteAccount />
        </Section>
      )}
    </div>
  );
}

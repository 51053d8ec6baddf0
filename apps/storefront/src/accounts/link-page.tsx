import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Failure, Notice } from '../ui/notice.tsx';
import { Card, Skeleton } from '../ui/page.tsx';

/** Where a mailed link leads whose token is spent by opening it: says how that went, and where to go from there. */
export function LinkPage({
  title,
  token,
  spend,
  onward,
  renderInstead,
}: {
  title: string;
  token: string;
  spend: (input: { token: string }) => Promise<{ message: string }>;
  onward: ReactNode;
  /** What helps when the link is no good. */
  renderInstead?: (error: Error) => ReactNode;
}) {
  // A query, so that a page which is drawn twice spends the token once.
  const { data, error, isPending } = useQuery({
    queryKey: ['link', title, token],
    queryFn: () => spend({ token }),
    retry: false,
    staleTime: Infinity,
    refetchOnMount: false,
  });
  return (
    <Card title={title}>
      {isPending && (
        <Skeleton label="One moment">
          <div className="h-12 rounded-xl bg-velvet" />
        </Skeleton>
      )}
      {data && (
        <>
          <Notice tone="good">{data.message}</Notice>
          {onward}
        </>
      )}
      {error && (
        <>
          <Failure error={error} />
          {renderInstead?.(error)}
        </>
      )}
    </Card>
  );
}

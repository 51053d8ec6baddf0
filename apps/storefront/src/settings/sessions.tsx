import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type Session, trpc } from '../cinema.ts';
import { Button } from '../ui/button.tsx';
import { formatMoment } from '../ui/format.ts';
import { Failure, Notice } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/page.tsx';
import { describeDevice } from './device.ts';

/** Where the viewer is signed in, and how to end that. */
export function Sessions() {
  const client = useQueryClient();
  const { data, error, refetch } = useQuery(trpc.accounts.sessions.queryOptions());
  // Also when it was refused: the session may be over already.
  const onSettled = () => client.invalidateQueries(trpc.accounts.sessions.pathFilter());
  const end = useMutation(trpc.accounts.endSession.mutationOptions({ onSettled }));
  const endOthers = useMutation(trpc.accounts.logoutEverywhere.mutationOptions({ onSettled }));

  if (error && !data) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows label="Loading your devices" rows={2} />;
  return (
    <>
      <ul className="grid gap-3">
        {data.items.map((session) => (
          <li key={session.id} className="flex items-center justify-between gap-4 border-t border-seam pt-3">
            <Device session={session} />
            {session.current ? (
              <span className="rounded-full bg-exit/15 px-3 py-1 text-sm whitespace-nowrap text-exit">This device</span>
            ) : (
              <Button
                look="quiet"
                className="whitespace-nowrap"
                aria-label={`Sign out ${describeDevice(session.userAgent)}`}
                isBusy={end.isPending && end.variables.sessionId === session.id}
                onClick={() => end.mutate({ sessionId: session.id })}
              >
                Sign out
              </Button>
            )}
          </li>
        ))}
      </ul>
      {data.items.length > 1 && (
        <Button
          look="plain"
          className="sm:justify-self-start"
          isBusy={endOthers.isPending}
          onClick={() => endOthers.mutate({ scope: 'others' })}
        >
          Sign out all other devices
        </Button>
      )}
      {endOthers.data && <Notice tone="good">Your other devices are signed out.</Notice>}
      {endOthers.error && <Failure error={endOthers.error} />}
      {end.error && <Failure error={end.error} />}
    </>
  );
}

function Device({ session: { userAgent, ip, lastUsedAt } }: { session: Session }) {
  return (
    <div className="grid gap-1">
      <span className="font-semibold">{describeDevice(userAgent)}</span>
      <span className="text-sm text-dust">
        {ip !== null && `${ip}, `}last used {formatMoment(lastUsedAt)}
      </span>
    </div>
  );
}

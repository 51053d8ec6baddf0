import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { trpc } from '../cinema.ts';
import { ButtonLink } from '../ui/button.tsx';
import { Failure, Notice } from '../ui/notice.tsx';
import { Card, SkeletonRows } from '../ui/page.tsx';
import { RecoveryCodes } from './recovery-codes.tsx';
import { NewRecoveryCodes, TurnOff } from './two-factor-changes.tsx';
import { TwoFactorSetup } from './two-factor-setup.tsx';

/** Switches two-factor login on and off. Staff who need it are led here, whatever they wanted. */
export function TwoFactorPage() {
  const client = useQueryClient();
  const { data: me, error, refetch } = useQuery(trpc.accounts.me.queryOptions());
  const [codes, setCodes] = useState<string[]>();

  // Staff were refused everything else until now.
  const readAnew = () => void client.invalidateQueries();
  const show = (given: string[]) => {
    setCodes(given);
    readAnew();
  };
  return (
    <Card title="Two-factor login">
      {error && !me && <Failure error={error} onRetry={() => void refetch()} />}
      {!error && !me && <SkeletonRows label="Loading your account" rows={2} />}
      {codes && <RecoveryCodes codes={codes} onKept={() => setCodes(undefined)} />}
      {me && !codes && !me.totpEnabled && (
        <>
          {me.role !== 'user' && (
            <Notice>
              <p>You are on the staff: where the cinema asks it of you, the rest opens once this is set up.</p>
            </Notice>
          )}
          <TwoFactorSetup email={me.email} onEnabled={show} />
        </>
      )}
      {me?.totpEnabled && !codes && (
        <>
          <Notice tone="good">
            <p>It is on: signing in takes a code of your authenticator app as well.</p>
          </Notice>
          <NewRecoveryCodes onRenewed={show} />
          <TurnOff onDisabled={readAnew} />
        </>
      )}
      {!codes && (
        <ButtonLink look="quiet" to="/account/security">
          Back to your account
        </ButtonLink>
      )}
    </Card>
  );
}

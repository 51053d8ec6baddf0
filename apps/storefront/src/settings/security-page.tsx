import { useQuery } from '@tanstack/react-query';
import { trpc } from '../cinema.ts';
import { ButtonLink } from '../ui/button.tsx';
import { Failure } from '../ui/notice.tsx';
import { SkeletonRows } from '../ui/page.tsx';
import { ChangeEmail } from './change-email.tsx';
import { ChangePassword } from './change-password.tsx';
import { Section } from './section.tsx';
import { Sessions } from './sessions.tsx';

/** What lets somebody in: password, address, second step, devices. */
export function SecurityPage() {
  const { data: me, error, refetch } = useQuery(trpc.accounts.me.queryOptions());
  if (error && !me) return <Failure error={error} onRetry={() => void refetch()} />;
  if (!me) return <SkeletonRows label="Loading your account" />;
  return (
    <div className="grid items-start gap-6 lg:grid-cols-2">
      <div className="grid gap-6">
        <Section
          title="Two-factor login"
          about={
            me.totpEnabled
              ? 'It is on: signing in takes a code of your authenticator app as well.'
              : 'It is off. With it, whoever learns your password still can’t sign in.'
          }
        >
          <ButtonLink
            look={me.totpEnabled ? 'plain' : 'main'}
            to="/account/two-factor"
            className="sm:justify-self-start"
          >
            {me.totpEnabled ? 'Change it' : 'Set it up'}
          </ButtonLink>
        </Section>
        <Section title="Devices" about="Where you are signed in.">
          <Sessions />
        </Section>
      </div>
      <div className="grid gap-6">
        <Section title="E-mail" about={<p className="truncate">You sign in as {me.email}.</p>}>
          <ChangeEmail />
        </Section>
        <Section title="Password" about="Your other devices are signed out when it changes.">
          <ChangePassword email={me.email} />
        </Section>
      </div>
    </div>
  );
}

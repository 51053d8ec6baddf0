import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { trpc } from '../cinema.ts';
import { Page } from '../ui/page.tsx';
import { KeepAccount } from './deletion.tsx';

/** What the pages of an account have around them. */
export function SettingsPage() {
  const { data: me } = useQuery(trpc.accounts.me.queryOptions());
  return (
    <Page title="Your account" beside={<p className="min-w-0 truncate text-dust">{me?.email}</p>}>
      <nav aria-label="Parts of your account" className="-mt-2 flex flex-wrap gap-2">
        <Tab to="/account">Profile</Tab>
        <Tab to="/account/security">Security</Tab>
        <Tab to="/account/data">Your data</Tab>
      </nav>
      {me?.deletesAt && <KeepAccount deletesAt={me.deletesAt} />}
      <Outlet />
    </Page>
  );
}

function Tab({ to, children }: { to: '/account' | '/account/security' | '/account/data'; children: string }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: true }}
      className="inline-flex min-h-11 items-center rounded-full border border-seam px-5 text-dust hover:border-lamp hover:text-screen aria-[current=page]:border-lamp aria-[current=page]:text-lamp"
    >
      {children}
    </Link>
  );
}

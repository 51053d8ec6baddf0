import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useRef } from 'react';
import { cinema, trpc } from '../cinema.ts';
import { Avatar } from '../ui/avatar.tsx';

const ROW = 'flex min-h-11 w-full items-center rounded-xl px-4 text-left hover:bg-velvet hover:text-lamp';

/** Whose account it is, where that account leads, and the way out. */
export function AccountMenu() {
  const menu = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();
  const { data: me } = useQuery(trpc.accounts.me.queryOptions());
  const signOut = useMutation({
    mutationFn: async () => {
      close();
      // First away from a page that only somebody signed in may see.
      await navigate({ to: '/' });
      await cinema.$session.signOut();
    },
  });

  function close() {
    menu.current?.hidePopover();
  }

  return (
    <>
      <button
        type="button"
        popoverTarget="account-menu"
        aria-label="Your account"
        className="grid size-10 place-items-center overflow-hidden rounded-full bg-velvet font-semibold text-lamp uppercase ring-1 ring-seam hover:ring-lamp"
      >
        {me?.profile.avatarUrl ? (
          <Avatar url={me.profile.avatarUrl} alt="" className="size-10" />
        ) : (
          (me?.email.charAt(0) ?? '·')
        )}
      </button>
      <div
        ref={menu}
        id="account-menu"
        popover="auto"
        className="fixed inset-auto top-18 right-4 m-0 w-64 rounded-2xl border border-seam bg-curtain p-2 text-screen shadow-2xl shadow-black/70 sm:right-8"
      >
        <p className="truncate px-4 py-3 text-sm text-dust">{me?.email ?? 'Your account'}</p>
        <nav aria-label="Account">
          <MenuLink to="/library" onClick={close}>
            Your library
          </MenuLink>
          <MenuLink to="/orders" onClick={close}>
            Your orders
          </MenuLink>
          <MenuLink to="/cart" onClick={close}>
            Your cart
          </MenuLink>
          <MenuLink to="/account" onClick={close}>
            Your account
          </MenuLink>
        </nav>
        <hr className="my-2 border-seam" />
        <button type="button" className={ROW} disabled={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </button>
      </div>
    </>
  );
}

function MenuLink({
  to,
  onClick,
  children,
}: {
  to: '/library' | '/orders' | '/cart' | '/account';
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <Link to={to} className={ROW} onClick={onClick}>
      {children}
    </Link>
  );
}

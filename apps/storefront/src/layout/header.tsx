import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useIsSignedIn } from '../accounts/session.ts';
import { trpc } from '../cinema.ts';
import { ButtonLink } from '../ui/button.tsx';
import { AccountMenu } from './account-menu.tsx';

/** The bar on top: where one can go, the cart, the account. */
export function Header() {
  const isSignedIn = useIsSignedIn();
  return (
    <header className="sticky top-0 z-40 border-b border-seam/60 bg-night/85 backdrop-blur-md">
      <div className="mx-auto flex h-16 max-w-7xl items-center gap-4 px-4 sm:gap-8 sm:px-8">
        <Link to="/" className="flex items-center gap-3 font-display text-xl whitespace-nowrap hover:text-lamp">
          <svg viewBox="0 0 32 32" className="size-7 shrink-0 text-lamp" aria-hidden="true" fill="currentColor">
            <path fillRule="evenodd" d="M3 7q13 6 26 0v18q-13-6-26 0zM13 11.5v9l8-4.5z" />
          </svg>
          Online Cinema
        </Link>
        <nav aria-label="Main" className="hidden grow gap-6 text-dust md:flex">
          <NavLink to="/">Films</NavLink>
          {isSignedIn && <NavLink to="/library">Library</NavLink>}
          {isSignedIn && <NavLink to="/orders">Orders</NavLink>}
        </nav>
        <div className="ml-auto flex items-center gap-2">
          {isSignedIn ? (
            <>
              <CartLink />
              <AccountMenu />
            </>
          ) : (
            <>
              <ButtonLink look="quiet" to="/sign-in">
                Sign in
              </ButtonLink>
              <ButtonLink look="plain" to="/register" className="max-sm:hidden">
                Register
              </ButtonLink>
            </>
          )}
        </div>
      </div>
    </header>
  );
}

function NavLink({ to, children }: { to: '/' | '/library' | '/orders'; children: string }) {
  return (
    <Link
      to={to}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      className="hover:text-screen aria-[current=page]:text-lamp"
    >
      {children}
    </Link>
  );
}

function CartLink() {
  const { data: cart } = useQuery(trpc.cart.get.queryOptions());
  const count = cart?.items.length ?? 0;
  return (
    <Link
      to="/cart"
      aria-label={`Cart, ${count === 1 ? '1 film' : `${count} films`}`}
      className="relative grid size-11 place-items-center rounded-full text-dust hover:text-lamp aria-[current=page]:text-lamp"
    >
      <svg
        viewBox="0 0 24 24"
        className="size-6"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        aria-hidden="true"
      >
        <path d="M3 4h2.5l2 11h10.5l2-8H6.5M9 19.5h.01M17 19.5h.01" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      {count > 0 && (
        <span className="absolute top-0.5 right-0 grid h-5 min-w-5 place-items-center rounded-full bg-lamp px-1 text-xs font-bold text-night">
          {count}
        </span>
      )}
    </Link>
  );
}

import {
  createRootRoute,
  createRoute,
  createRouter,
  parseSearchWith,
  redirect,
  stringifySearchWith,
} from '@tanstack/react-router';
import { ActivatePage } from './accounts/activate-page.tsx';
import { CheckMailPage } from './accounts/check-mail-page.tsx';
import { ConfirmEmailPage } from './accounts/confirm-email-page.tsx';
import { ForgotPasswordPage } from './accounts/forgot-password-page.tsx';
import { RegisterPage } from './accounts/register-page.tsx';
import { ResetPasswordPage } from './accounts/reset-password-page.tsx';
import { isSignedIn } from './accounts/session.ts';
import { SignInPage } from './accounts/sign-in-page.tsx';
import { CartPage } from './cart/cart-page.tsx';
import { HomePage } from './catalogue/home-page.tsx';
import { MoviePage } from './catalogue/movie-page.tsx';
import { readSort } from './catalogue/sorts.ts';
import { CrashPage } from './layout/crash-page.tsx';
import { NotFoundPage } from './layout/not-found-page.tsx';
import { Shell } from './layout/shell.tsx';
import { LibraryPage } from './library/library-page.tsx';
import { OrderPage } from './orders/order-page.tsx';
import { OrdersPage } from './orders/orders-page.tsx';
import { WatchPage } from './playback/watch-page.tsx';
import { DataPage } from './settings/data-page.tsx';
import { ProfilePage } from './settings/profile-page.tsx';
import { SecurityPage } from './settings/security-page.tsx';
import { SettingsPage } from './settings/settings-page.tsx';
import { TwoFactorPage } from './settings/two-factor-page.tsx';

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: () => <NotFoundPage /> });

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  validateSearch: (search) => ({ ...textOf(search, 'query'), ...readSort(search) }),
  component: function Home() {
    return <HomePage search={homeRoute.useSearch()} />;
  },
});

const movieRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/movies/$movieId',
  component: function Movie() {
    return <MoviePage movieId={movieRoute.useParams().movieId} />;
  },
});

const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  validateSearch: (search) => textOf(search, 'next'),
  component: function SignIn() {
    return <SignInPage next={signInRoute.useSearch().next} />;
  },
});

const registerRoute = createRoute({ getParentRoute: () => rootRoute, path: '/register', component: RegisterPage });

const checkMailRoute = createRoute({ getParentRoute: () => rootRoute, path: '/check-mail', component: CheckMailPage });

const activateRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/activate',
  validateSearch: (search) => textOf(search, 'token'),
  component: function Activate() {
    return <ActivatePage token={activateRoute.useSearch().token ?? ''} />;
  },
});

const forgotPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/forgot-password',
  component: ForgotPasswordPage,
});

const resetPasswordRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/reset-password',
  validateSearch: (search) => textOf(search, 'token'),
  component: function ResetPassword() {
    return <ResetPasswordPage token={resetPasswordRoute.useSearch().token ?? ''} />;
  },
});

const confirmEmailRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/confirm-email',
  validateSearch: (search) => textOf(search, 'token'),
  component: function ConfirmEmail() {
    return <ConfirmEmailPage token={confirmEmailRoute.useSearch().token ?? ''} />;
  },
});

// The pages below belong to somebody: who is not signed in does that first, and then comes back.
const viewerRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'viewer',
  beforeLoad({ location }) {
    if (!isSignedIn()) redirect({ to: '/sign-in', search: { next: location.href }, throw: true });
  },
});

const cartRoute = createRoute({ getParentRoute: () => viewerRoute, path: '/cart', component: CartPage });

const ordersRoute = createRoute({ getParentRoute: () => viewerRoute, path: '/orders', component: OrdersPage });

const orderRoute = createRoute({
  getParentRoute: () => viewerRoute,
  path: '/orders/$orderId',
  validateSearch: (search) => textOf(search, 'checkout'),
  component: function Order() {
    const { checkout } = orderRoute.useSearch();
    return <OrderPage orderId={orderRoute.useParams().orderId} checkout={checkout} />;
  },
});

const libraryRoute = createRoute({ getParentRoute: () => viewerRoute, path: '/library', component: LibraryPage });

const watchRoute = createRoute({
  getParentRoute: () => viewerRoute,
  path: '/watch/$movieId',
  component: function Watch() {
    return <WatchPage movieId={watchRoute.useParams().movieId} />;
  },
});

const settingsRoute = createRoute({ getParentRoute: () => viewerRoute, id: 'settings', component: SettingsPage });

const profileRoute = createRoute({ getParentRoute: () => settingsRoute, path: '/account', component: ProfilePage });

const securityRoute = createRoute({
  getParentRoute: () => settingsRoute,
  path: '/account/security',
  component: SecurityPage,
});

const dataRoute = createRoute({ getParentRoute: () => settingsRoute, path: '/account/data', component: DataPage });

const twoFactorRoute = createRoute({
  getParentRoute: () => viewerRoute,
  path: '/account/two-factor',
  component: TwoFactorPage,
});

/** The pages and their addresses. */
export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    movieRoute,
    signInRoute,
    registerRoute,
    checkMailRoute,
    activateRoute,
    forgotPasswordRoute,
    resetPasswordRoute,
    confirmEmailRoute,
    viewerRoute.addChildren([
      cartRoute,
      ordersRoute,
      orderRoute,
      libraryRoute,
      watchRoute,
      settingsRoute.addChildren([profileRoute, securityRoute, dataRoute]),
      twoFactorRoute,
    ]),
  ]),
  scrollRestoration: true,
  defaultErrorComponent: CrashPage,
  // Values stand in the address as they are: `?query=1984` is a text.
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith(String),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  interface HistoryState {
    /** The address a mail was just sent to; it does not stand in the URL. */
    email?: string;
  }
}

function textOf<Key extends string>(search: Record<string, unknown>, key: Key): { [key in Key]?: string } {
  const value = search[key];
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? ({ [key]: text } as { [key in Key]: string }) : {};
}

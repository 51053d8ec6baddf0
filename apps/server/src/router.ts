import { credentialsRouter } from './accounts/credentials-router.ts';
import { profileRouter, usersRouter } from './accounts/profile-router.ts';
import { accountsRouter } from './accounts/router.ts';
import { totpRouter } from './accounts/totp-router.ts';
import { adminRouter } from './admin/router.ts';
import { cartRouter } from './cart/router.ts';
import { moviesRouter } from './catalogue/router.ts';
import { libraryRouter } from './library/router.ts';
import { ordersRouter } from './orders/router.ts';
import { orderPaymentsRouter, paymentsRouter } from './payments/router.ts';
import { playbackRouter } from './playback/router.ts';
import { privacyRouter } from './privacy/router.ts';
import { mergeRouters, router } from './trpc.ts';

/** The whole API. */
export const appRouter = router({
  accounts: mergeRouters(accountsRouter, credentialsRouter, totpRouter, privacyRouter),
  profile: profileRouter,
  users: usersRouter,
  movies: moviesRouter,
  cart: cartRouter,
  orders: mergeRouters(ordersRouter, orderPaymentsRouter),
  payments: paymentsRouter,
  library: libraryRouter,
  playback: playbackRouter,
  admin: adminRouter,
});

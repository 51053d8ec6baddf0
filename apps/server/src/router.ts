import { credentialsRouter } from './accounts/credentials-router.ts';
import { profileRouter, usersRouter } from './accounts/profile-router.ts';
import { accountsRouter } from './accounts/router.ts';
import { totpRouter } from './accounts/totp-router.ts';
import { adminRouter } from './admin/router.ts';
import { cartRouter } from './cart/router.ts';
import { movieFilesRouter } from './catalogue/import-router.ts';
import { moderationRouter } from './catalogue/moderation-router.ts';
import { relatedRouters } from './catalogue/related-router.ts';
import { moviesRouter } from './catalogue/router.ts';
import { commentsRouter } from './community/comments-router.ts';
import { favoritesRouter } from './community/favorites-router.ts';
import { moderationQueueRouter } from './community/moderation-router.ts';
import { notificationsRouter } from './community/notifications-router.ts';
import { ratingsRouter, reactionsRouter } from './community/reactions-router.ts';
import { recommendationsRouter } from './community/recommendations-router.ts';
import { libraryRouter } from './library/router.ts';
import { mediaRouter } from './media/router.ts';
import { ordersRouter } from './orders/router.ts';
import { refundsRouter } from './payments/refund-router.ts';
import { orderPaymentsRouter, paymentsRouter } from './payments/router.ts';
import { playbackRouter } from './playback/router.ts';
import { privacyRouter } from './privacy/router.ts';
import { promosRouter } from './promos/router.ts';
import { mergeRouters, router } from './trpc.ts';

/** The whole API. */
export const appRouter = router({
  accounts: mergeRouters(accountsRouter, credentialsRouter, totpRouter, privacyRouter),
  profile: profileRouter,
  users: usersRouter,
  movies: mergeRouters(moviesRouter, moderationRouter, movieFilesRouter),
  ...relatedRouters,
  reactions: reactionsRouter,
  ratings: ratingsRouter,
  favorites: favoritesRouter,
  recommendations: recommendationsRouter,
  comments: commentsRouter,
  moderation: moderationQueueRouter,
  cart: cartRouter,
  promos: promosRouter,
  orders: mergeRouters(ordersRouter, orderPaymentsRouter),
  payments: paymentsRouter,
  refunds: refundsRouter,
  library: libraryRouter,
  playback: playbackRouter,
  media: mediaRouter,
  notifications: notificationsRouter,
  admin: adminRouter,
});

// Generated from apps/server/src/client-router.ts: run `pnpm generate`, do not edit.
import type {
  TRPCMutationProcedure,
  TRPCQueryProcedure,
  TRPCSubscriptionProcedure,
  TRPCBuiltRouter,
} from '@trpc/server';

/** Why the cinema refused: what to branch on. The message is for people and may change. */
export type ErrorReason =
  | 'already_active'
  | 'already_in_cart'
  | 'already_owned'
  | 'already_refunded'
  | 'already_reported'
  | 'bearer_required'
  | 'cart_empty'
  | 'checkout_completing'
  | 'code_taken'
  | 'conflict'
  | 'decided'
  | 'email_taken'
  | 'gateway_unavailable'
  | 'idempotency_conflict'
  | 'in_pending_order'
  | 'in_use'
  | 'internal_error'
  | 'invalid_code'
  | 'invalid_credentials'
  | 'invalid_cursor'
  | 'invalid_grant'
  | 'invalid_input'
  | 'invalid_refresh_token'
  | 'invalid_signature'
  | 'invalid_token'
  | 'job_not_discardable'
  | 'job_not_retryable'
  | 'last_admin'
  | 'method_not_allowed'
  | 'movie_exists'
  | 'movie_in_carts'
  | 'movie_purchased'
  | 'name_taken'
  | 'no_video'
  | 'not_active'
  | 'not_allowed'
  | 'not_authenticated'
  | 'not_author'
  | 'not_for_sale'
  | 'not_found'
  | 'not_granted'
  | 'not_in_cart'
  | 'not_owned'
  | 'not_refundable'
  | 'nothing_to_order'
  | 'order_canceled'
  | 'order_not_pending'
  | 'order_paid'
  | 'own_comment'
  | 'own_role'
  | 'own_totp'
  | 'password_required'
  | 'payload_too_large'
  | 'precondition_failed'
  | 'price_changed'
  | 'promo_in_use'
  | 'promo_not_applicable'
  | 'range_not_satisfiable'
  | 'refund_requested'
  | 'request_timeout'
  | 'same_password'
  | 'too_many_requests'
  | 'too_many_streams'
  | 'total_not_payable'
  | 'totp_already_enabled'
  | 'totp_not_enabled'
  | 'totp_not_set_up'
  | 'totp_required'
  | 'totp_setup_required'
  | 'unavailable'
  | 'unknown_id'
  | 'unknown_promo'
  | 'unsupported_image'
  | 'unsupported_media_type'
  | 'unsupported_tus_version'
  | 'unsupported_video'
  | 'weak_password'
  | 'wrong_parent'
  | 'wrong_password';

/** What a refusal says beside its reason, for the reasons that say more. */
export type ErrorDetails = {
  readonly totp_required: {
    challenge: string;
  };
  readonly invalid_code: {
    challengeEnded?: true | undefined;
  };
  readonly too_many_requests: {
    retryAfterSeconds?: number | undefined;
  };
  readonly movie_in_carts: {
    cartCount: number;
    pendingOrderCount: number;
  };
  readonly promo_not_applicable: {
    why: 'below_minimum' | 'ended' | 'no_matching_film' | 'not_started' | 'used_by_you' | 'used_up' | 'wrong_currency';
  };
  readonly not_for_sale: {
    excluded?: {
      movieId: string;
      reason: 'already_owned' | 'in_pending_order' | 'not_for_sale' | 'not_in_cart';
    }[] | undefined;
  };
  readonly nothing_to_order: {
    excluded: {
      movieId: string;
      reason: 'already_owned' | 'in_pending_order' | 'not_for_sale' | 'not_in_cart';
    }[];
  };
  readonly price_changed: {
    oldTotal: {
      amount: number;
      currency: string;
    };
    newTotal: {
      amount: number;
      currency: string;
    };
    why?: 'below_minimum' | 'ended' | 'no_matching_film' | 'not_started' | 'used_by_you' | 'used_up' | 'wrong_currency' | undefined;
  };
  readonly total_not_payable: {
    total: {
      amount: number;
      currency: string;
    };
    why: string;
  };
  readonly not_refundable: {
    movieId?: string | undefined;
  };
  readonly refund_requested: {
    refundId: string;
  };
  readonly too_many_streams: {
    maxStreams: number;
    streams: {
      playbackId: string;
      movie: {
        id: string;
        slug: string;
        name: string;
      };
      deviceId: string | null;
      startedAt: string;
      lastSeenAt: string;
    }[];
  };
};

/** Why each procedure can refuse beside what any of its kind can: who calls, the input, the load. */
export type Refusals = {
  readonly 'accounts.register': 'email_taken' | 'too_many_requests' | 'weak_password';
  readonly 'accounts.activate': 'already_active' | 'invalid_token';
  readonly 'accounts.resendActivation': 'too_many_requests';
  readonly 'accounts.login': 'invalid_credentials' | 'not_active' | 'too_many_requests' | 'totp_required';
  readonly 'accounts.refresh': 'invalid_refresh_token';
  readonly 'accounts.logout': never;
  readonly 'accounts.me': 'not_authenticated';
  readonly 'accounts.changePassword': 'same_password' | 'too_many_requests' | 'weak_password' | 'wrong_password';
  readonly 'accounts.requestPasswordReset': 'too_many_requests';
  readonly 'accounts.resetPassword': 'invalid_token' | 'weak_password';
  readonly 'accounts.requestEmailChange': 'email_taken' | 'too_many_requests' | 'wrong_password';
  readonly 'accounts.confirmEmailChange': 'email_taken' | 'invalid_token';
  readonly 'accounts.sessions': never;
  readonly 'accounts.endSession': 'not_found';
  readonly 'accounts.logoutEverywhere': never;
  readonly 'accounts.completeLogin': 'invalid_code' | 'invalid_credentials' | 'too_many_requests';
  readonly 'accounts.totp.setup': 'not_authenticated' | 'password_required' | 'too_many_requests' | 'totp_already_enabled' | 'wrong_password';
  readonly 'accounts.totp.enable': 'invalid_code' | 'not_authenticated' | 'too_many_requests' | 'totp_already_enabled' | 'totp_not_set_up';
  readonly 'accounts.totp.disable': 'not_authenticated' | 'too_many_requests' | 'totp_not_enabled' | 'wrong_password';
  readonly 'accounts.totp.newRecoveryCodes': 'invalid_code' | 'not_authenticated' | 'too_many_requests' | 'totp_not_enabled';
  readonly 'accounts.exportData': 'not_authenticated' | 'too_many_requests';
  readonly 'accounts.requestDeletion': 'last_admin' | 'not_authenticated' | 'too_many_requests' | 'wrong_password';
  readonly 'accounts.cancelDeletion': 'not_authenticated';
  readonly 'profile.get': never;
  readonly 'profile.update': never;
  readonly 'profile.setAvatar': 'unsupported_image';
  readonly 'profile.removeAvatar': never;
  readonly 'users.card': 'not_found';
  readonly 'movies.list': 'invalid_cursor';
  readonly 'movies.facets': never;
  readonly 'movies.suggest': never;
  readonly 'movies.similar': 'not_found';
  readonly 'movies.get': 'not_found';
  readonly 'movies.create': 'movie_exists' | 'not_found' | 'unknown_id';
  readonly 'movies.update': 'movie_exists' | 'not_found' | 'unknown_id';
  readonly 'movies.delete': 'movie_in_carts' | 'movie_purchased' | 'not_found';
  readonly 'movies.setPoster': 'not_found' | 'unsupported_image';
  readonly 'movies.removePoster': 'not_found';
  readonly 'movies.import': never;
  readonly 'movies.importStatus': 'not_found';
  readonly 'movies.export': never;
  readonly 'genres.list': 'invalid_cursor';
  readonly 'genres.get': 'not_found';
  readonly 'genres.create': 'name_taken';
  readonly 'genres.rename': 'name_taken' | 'not_found';
  readonly 'genres.delete': 'in_use' | 'not_found';
  readonly 'stars.list': 'invalid_cursor';
  readonly 'stars.get': 'not_found';
  readonly 'stars.create': 'name_taken';
  readonly 'stars.rename': 'name_taken' | 'not_found';
  readonly 'stars.delete': 'in_use' | 'not_found';
  readonly 'directors.list': 'invalid_cursor';
  readonly 'directors.get': 'not_found';
  readonly 'directors.create': 'name_taken';
  readonly 'directors.rename': 'name_taken' | 'not_found';
  readonly 'directors.delete': 'in_use' | 'not_found';
  readonly 'certifications.list': 'invalid_cursor';
  readonly 'certifications.get': 'not_found';
  readonly 'certifications.create': 'name_taken';
  readonly 'certifications.rename': 'name_taken' | 'not_found';
  readonly 'certifications.delete': 'in_use' | 'not_found';
  readonly 'countries.list': 'invalid_cursor';
  readonly 'countries.get': 'not_found';
  readonly 'countries.create': 'name_taken';
  readonly 'countries.rename': 'name_taken' | 'not_found';
  readonly 'countries.delete': 'in_use' | 'not_found';
  readonly 'languages.list': 'invalid_cursor';
  readonly 'languages.get': 'not_found';
  readonly 'languages.create': 'name_taken';
  readonly 'languages.rename': 'name_taken' | 'not_found';
  readonly 'languages.delete': 'in_use' | 'not_found';
  readonly 'reactions.set': 'not_authenticated' | 'not_found' | 'too_many_requests';
  readonly 'reactions.clear': 'not_authenticated' | 'not_found' | 'too_many_requests';
  readonly 'ratings.set': 'not_authenticated' | 'not_found' | 'too_many_requests';
  readonly 'ratings.clear': 'not_authenticated' | 'not_found' | 'too_many_requests';
  readonly 'favorites.list': 'invalid_cursor';
  readonly 'favorites.add': 'not_authenticated' | 'not_found' | 'too_many_requests';
  readonly 'favorites.remove': 'not_authenticated' | 'not_found' | 'too_many_requests';
  readonly 'recommendations.forMe': never;
  readonly 'recommendations.trending': never;
  readonly 'recommendations.newReleases': never;
  readonly 'comments.list': 'invalid_cursor' | 'not_found';
  readonly 'comments.replies': 'invalid_cursor' | 'not_found';
  readonly 'comments.create': 'not_found' | 'too_many_requests' | 'wrong_parent';
  readonly 'comments.edit': 'not_author' | 'not_found' | 'too_many_requests';
  readonly 'comments.delete': 'not_author' | 'not_found';
  readonly 'comments.like': 'not_found' | 'too_many_requests';
  readonly 'comments.unlike': 'not_found' | 'too_many_requests';
  readonly 'comments.report': 'already_reported' | 'not_found' | 'own_comment' | 'too_many_requests';
  readonly 'moderation.queue': 'invalid_cursor';
  readonly 'moderation.decide': 'decided' | 'not_found';
  readonly 'cart.get': never;
  readonly 'cart.add': 'already_in_cart' | 'already_owned' | 'in_pending_order' | 'not_for_sale' | 'not_found';
  readonly 'cart.remove': 'not_in_cart';
  readonly 'cart.clear': never;
  readonly 'cart.applyPromo': 'promo_not_applicable' | 'too_many_requests' | 'unknown_promo';
  readonly 'cart.removePromo': never;
  readonly 'promos.list': 'invalid_cursor';
  readonly 'promos.create': 'code_taken' | 'not_found' | 'unknown_id';
  readonly 'promos.update': 'not_found' | 'unknown_id';
  readonly 'promos.delete': 'not_found' | 'promo_in_use';
  readonly 'orders.create': 'cart_empty' | 'idempotency_conflict' | 'not_found' | 'nothing_to_order' | 'price_changed' | 'promo_not_applicable' | 'too_many_requests' | 'total_not_payable';
  readonly 'orders.list': 'invalid_cursor';
  readonly 'orders.get': 'not_found';
  readonly 'orders.checkout': 'checkout_completing' | 'gateway_unavailable' | 'idempotency_conflict' | 'not_for_sale' | 'not_found' | 'order_not_pending' | 'price_changed' | 'too_many_requests';
  readonly 'orders.cancel': 'checkout_completing' | 'gateway_unavailable' | 'not_found' | 'order_canceled' | 'order_not_pending' | 'order_paid' | 'too_many_requests';
  readonly 'payments.list': 'invalid_cursor';
  readonly 'payments.get': 'not_found';
  readonly 'payments.receipt': 'not_found';
  readonly 'refunds.request': 'already_refunded' | 'idempotency_conflict' | 'not_found' | 'not_refundable' | 'too_many_requests';
  readonly 'refunds.queue': 'invalid_cursor';
  readonly 'refunds.approve': 'already_refunded' | 'decided' | 'not_allowed' | 'not_authenticated' | 'not_found' | 'not_refundable';
  readonly 'refunds.reject': 'decided' | 'not_allowed' | 'not_authenticated' | 'not_found';
  readonly 'library.list': 'invalid_cursor';
  readonly 'playback.start': 'no_video' | 'not_found' | 'not_owned' | 'too_many_streams';
  readonly 'playback.renew': 'no_video' | 'not_found' | 'not_owned' | 'too_many_streams';
  readonly 'playback.stop': 'not_found';
  readonly 'playback.trailer': 'not_found';
  readonly 'playback.progress': 'not_found' | 'not_owned';
  readonly 'playback.setWatched': 'not_found' | 'not_owned';
  readonly 'playback.continueWatching': 'invalid_cursor';
  readonly 'playback.hide': 'not_found';
  readonly 'playback.history': 'invalid_cursor';
  readonly 'media.upload': 'not_found' | 'payload_too_large' | 'unsupported_video';
  readonly 'media.list': 'not_found';
  readonly 'media.delete': 'not_found';
  readonly 'media.addTrack': 'not_found';
  readonly 'media.deleteTrack': 'not_found';
  readonly 'notifications.list': 'invalid_cursor';
  readonly 'notifications.unreadCount': never;
  readonly 'notifications.markRead': 'not_found';
  readonly 'notifications.markAllRead': never;
  readonly 'notifications.delete': 'not_found';
  readonly 'notifications.preferences': never;
  readonly 'notifications.setPreferences': never;
  readonly 'notifications.ticket': 'too_many_requests';
  readonly 'admin.jobs.list': 'invalid_cursor';
  readonly 'admin.jobs.retry': 'job_not_retryable' | 'not_allowed' | 'not_authenticated' | 'not_found';
  readonly 'admin.jobs.discard': 'job_not_discardable' | 'not_allowed' | 'not_authenticated' | 'not_found';
  readonly 'admin.jobs.run': 'not_allowed' | 'not_authenticated';
  readonly 'admin.orders.list': 'invalid_cursor';
  readonly 'admin.orders.export': never;
  readonly 'admin.payments.list': 'invalid_cursor';
  readonly 'admin.payments.export': never;
  readonly 'admin.payments.refund': 'already_refunded' | 'idempotency_conflict' | 'not_allowed' | 'not_authenticated' | 'not_found' | 'not_refundable' | 'refund_requested';
  readonly 'admin.carts.get': 'not_found';
  readonly 'admin.analytics.sales': never;
  readonly 'admin.analytics.exportSales': never;
  readonly 'admin.users.grantMovie': 'in_pending_order' | 'not_allowed' | 'not_authenticated' | 'not_found';
  readonly 'admin.users.revokeMovie': 'not_allowed' | 'not_authenticated' | 'not_found' | 'not_granted';
  readonly 'admin.users.list': 'invalid_cursor';
  readonly 'admin.users.get': 'not_found';
  readonly 'admin.users.create': 'email_taken' | 'not_allowed' | 'not_authenticated';
  readonly 'admin.users.activate': 'not_allowed' | 'not_authenticated' | 'not_found';
  readonly 'admin.users.deactivate': 'last_admin' | 'not_allowed' | 'not_authenticated' | 'not_found';
  readonly 'admin.users.changeRole': 'last_admin' | 'not_allowed' | 'not_authenticated' | 'not_found' | 'own_role';
  readonly 'admin.users.resetTotp': 'not_allowed' | 'not_authenticated' | 'not_found' | 'own_totp' | 'totp_not_enabled';
  readonly 'admin.audit.list': 'invalid_cursor';
};

/** The mutations that take an `Idempotency-Key`: sent again, they are done once. */
export const IDEMPOTENT: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'orders.create',
  'orders.checkout',
  'refunds.request',
  'admin.payments.refund',
]);

/** The queries that answer in pieces, as they are made, and their REST face. */
export const IN_PIECES: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['movies.export', '/movies/export'],
  ['admin.orders.export', '/admin/orders/export'],
  ['admin.payments.export', '/admin/payments/export'],
  ['admin.analytics.exportSales', '/admin/analytics/sales/export'],
]);

/** Every procedure of the cinema, with its input and output. */
export type CinemaRouter = TRPCBuiltRouter<{
  ctx: object;
  meta: object;
  transformer: true;
  errorShape: {
    message: string;
    code: number;
    data: {
      code: 'BAD_GATEWAY' | 'BAD_REQUEST' | 'CLIENT_CLOSED_REQUEST' | 'CONFLICT' | 'FORBIDDEN' | 'GATEWAY_TIMEOUT' | 'INTERNAL_SERVER_ERROR' | 'METHOD_NOT_SUPPORTED' | 'NOT_FOUND' | 'NOT_IMPLEMENTED' | 'PARSE_ERROR' | 'PAYLOAD_TOO_LARGE' | 'PAYMENT_REQUIRED' | 'PRECONDITION_FAILED' | 'PRECONDITION_REQUIRED' | 'SERVICE_UNAVAILABLE' | 'TIMEOUT' | 'TOO_MANY_REQUESTS' | 'UNAUTHORIZED' | 'UNPROCESSABLE_CONTENT' | 'UNSUPPORTED_MEDIA_TYPE';
      httpStatus: number;
      path?: string;
      reason: ErrorReason;
      requestId: string;
      issues?: {
        path: (string | number)[];
        message: string;
      }[] | undefined;
    };
  };
}, {
  genres: {
    /** The genres, by name. REST: `GET /api/v1/genres`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
      };
      output: {
        items: {
          id: string;
          name: string;
          movieCount: number;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** A genre, and how many films have it. REST: `GET /api/v1/genres/{genreId}`. */
    get: TRPCQueryProcedure<{
      input: {
        genreId: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Add a genre. For moderators. REST: `POST /api/v1/genres`. */
    create: TRPCMutationProcedure<{
      input: {
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Rename a genre. For moderators. REST: `PATCH /api/v1/genres/{genreId}`. */
    rename: TRPCMutationProcedure<{
      input: {
        genreId: string;
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Delete a genre that no film has. For moderators. REST: `DELETE /api/v1/genres/{genreId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        genreId: string;
      };
      output: void;
      meta: object;
    }>;
  };
  stars: {
    /** The stars, by name. REST: `GET /api/v1/stars`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
      };
      output: {
        items: {
          id: string;
          name: string;
          movieCount: number;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** A star, and how many films have it. REST: `GET /api/v1/stars/{starId}`. */
    get: TRPCQueryProcedure<{
      input: {
        starId: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Add a star. For moderators. REST: `POST /api/v1/stars`. */
    create: TRPCMutationProcedure<{
      input: {
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Rename a star. For moderators. REST: `PATCH /api/v1/stars/{starId}`. */
    rename: TRPCMutationProcedure<{
      input: {
        name: string;
        starId: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Delete a star that no film has. For moderators. REST: `DELETE /api/v1/stars/{starId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        starId: string;
      };
      output: void;
      meta: object;
    }>;
  };
  directors: {
    /** The directors, by name. REST: `GET /api/v1/directors`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
      };
      output: {
        items: {
          id: string;
          name: string;
          movieCount: number;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** A director, and how many films have it. REST: `GET /api/v1/directors/{directorId}`. */
    get: TRPCQueryProcedure<{
      input: {
        directorId: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Add a director. For moderators. REST: `POST /api/v1/directors`. */
    create: TRPCMutationProcedure<{
      input: {
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Rename a director. For moderators. REST: `PATCH /api/v1/directors/{directorId}`. */
    rename: TRPCMutationProcedure<{
      input: {
        directorId: string;
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Delete a director that no film has. For moderators. REST: `DELETE /api/v1/directors/{directorId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        directorId: string;
      };
      output: void;
      meta: object;
    }>;
  };
  certifications: {
    /** The certifications, by name. REST: `GET /api/v1/certifications`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
      };
      output: {
        items: {
          id: string;
          name: string;
          movieCount: number;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** A certification, and how many films have it. REST: `GET /api/v1/certifications/{certificationId}`. */
    get: TRPCQueryProcedure<{
      input: {
        certificationId: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Add a certification. For moderators. REST: `POST /api/v1/certifications`. */
    create: TRPCMutationProcedure<{
      input: {
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Rename a certification. For moderators. REST: `PATCH /api/v1/certifications/{certificationId}`. */
    rename: TRPCMutationProcedure<{
      input: {
        certificationId: string;
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Delete a certification that no film has. For moderators. REST: `DELETE /api/v1/certifications/{certificationId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        certificationId: string;
      };
      output: void;
      meta: object;
    }>;
  };
  countries: {
    /** The countries, by name. REST: `GET /api/v1/countries`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
      };
      output: {
        items: {
          id: string;
          name: string;
          movieCount: number;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** A country, and how many films have it. REST: `GET /api/v1/countries/{countryId}`. */
    get: TRPCQueryProcedure<{
      input: {
        countryId: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Add a country. For moderators. REST: `POST /api/v1/countries`. */
    create: TRPCMutationProcedure<{
      input: {
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Rename a country. For moderators. REST: `PATCH /api/v1/countries/{countryId}`. */
    rename: TRPCMutationProcedure<{
      input: {
        countryId: string;
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Delete a country that no film has. For moderators. REST: `DELETE /api/v1/countries/{countryId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        countryId: string;
      };
      output: void;
      meta: object;
    }>;
  };
  languages: {
    /** The languages, by name. REST: `GET /api/v1/languages`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
      };
      output: {
        items: {
          id: string;
          name: string;
          movieCount: number;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** A language, and how many films have it. REST: `GET /api/v1/languages/{languageId}`. */
    get: TRPCQueryProcedure<{
      input: {
        languageId: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Add a language. For moderators. REST: `POST /api/v1/languages`. */
    create: TRPCMutationProcedure<{
      input: {
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Rename a language. For moderators. REST: `PATCH /api/v1/languages/{languageId}`. */
    rename: TRPCMutationProcedure<{
      input: {
        languageId: string;
        name: string;
      };
      output: {
        id: string;
        name: string;
        movieCount: number;
      };
      meta: object;
    }>;
    /** Delete a language that no film has. For moderators. REST: `DELETE /api/v1/languages/{languageId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        languageId: string;
      };
      output: void;
      meta: object;
    }>;
  };
  accounts: {
    /** Change the password; other sessions end. Needs a session. REST: `POST /api/v1/accounts/change-password`. */
    changePassword: TRPCMutationProcedure<{
      input: {
        oldPassword: string;
        newPassword: string;
      };
      output: {
        message: string;
      };
      meta: object;
    }>;
    /** Ask for a mail that resets the password. REST: `POST /api/v1/accounts/request-password-reset`. */
    requestPasswordReset: TRPCMutationProcedure<{
      input: {
        email: string;
      };
      output: {
        message: string;
      };
      meta: object;
    }>;
    /** Set a password with the token of a mail; all sessions end. REST: `POST /api/v1/accounts/reset-password`. */
    resetPassword: TRPCMutationProcedure<{
      input: {
        token: string;
        newPassword: string;
      };
      output: {
        message: string;
      };
      meta: object;
    }>;
    /** Ask to move the account to another address. Needs a session. REST: `POST /api/v1/accounts/request-email-change`. */
    requestEmailChange: TRPCMutationProcedure<{
      input: {
        newEmail: string;
        password: string;
      };
      output: {
        message: string;
      };
      meta: object;
    }>;
    /** Confirm a new address with the token of its mail. REST: `POST /api/v1/accounts/confirm-email-change`. */
    confirmEmailChange: TRPCMutationProcedure<{
      input: {
        token: string;
      };
      output: {
        message: string;
      };
      meta: object;
    }>;
    /** Where am I signed in. Needs a session. REST: `GET /api/v1/accounts/sessions`. */
    sessions: TRPCQueryProcedure<{
      input: void;
      output: {
        items: {
          id: string;
          current: boolean;
          userAgent: string | null;
          ip: string | null;
          createdAt: Date;
          lastUsedAt: Date;
        }[];
      };
      meta: object;
    }>;
    /** Sign a device out. Needs a session. REST: `DELETE /api/v1/accounts/sessions/{sessionId}`. */
    endSession: TRPCMutationProcedure<{
      input: {
        sessionId: string;
      };
      output: void;
      meta: object;
    }>;
    /** Sign every device out, or every other one. Needs a session. REST: `POST /api/v1/accounts/logout-everywhere`. */
    logoutEverywhere: TRPCMutationProcedure<{
      input: {
        scope: 'all' | 'others';
      };
      output: {
        sessionsEnded: number;
      };
      meta: object;
    }>;
    /** Open an account. REST: `POST /api/v1/accounts/register`. */
    register: TRPCMutationProcedure<{
      input: {
        email: string;
        password: string;
      };
      output: {
        id: string;
        email: string;
        message: string;
      };
      meta: object;
    }>;
    /** Activate an account with the token of its mail. REST: `POST /api/v1/accounts/activate`. */
    activate: TRPCMutationProcedure<{
      input: {
        token: string;
      };
      output: {
        message: string;
      };
      meta: object;
    }>;
    /** Ask for another activation mail. REST: `POST /api/v1/accounts/resend-activation`. */
    resendActivation: TRPCMutationProcedure<{
      input: {
        email: string;
      };
      output: {
        message: string;
      };
      meta: object;
    }>;
    /** Sign in. REST: `POST /api/v1/accounts/login`. */
    login: TRPCMutationProcedure<{
      input: {
        email: string;
        password: string;
      };
      output: {
        accessToken: string;
        refreshToken: string;
        tokenType: 'Bearer';
        expiresIn: number;
      };
      meta: object;
    }>;
    /** Exchange a refresh token for new tokens. REST: `POST /api/v1/accounts/refresh`. */
    refresh: TRPCMutationProcedure<{
      input: {
        refreshToken: string;
      };
      output: {
        accessToken: string;
        refreshToken: string;
        tokenType: 'Bearer';
        expiresIn: number;
      };
      meta: object;
    }>;
    /** End the session of a refresh token. REST: `POST /api/v1/accounts/logout`. */
    logout: TRPCMutationProcedure<{
      input: {
        refreshToken: string;
      };
      output: {
        message: string;
      };
      meta: object;
    }>;
    /** Who am I. Needs a session. REST: `GET /api/v1/accounts/me`. */
    me: TRPCQueryProcedure<{
      input: void;
      output: {
        id: string;
        email: string;
        role: 'admin' | 'moderator' | 'user';
        isActive: boolean;
        createdAt: Date;
        totpEnabled: boolean;
        deletesAt?: Date | undefined;
        profile: {
          firstName: string | null;
          lastName: string | null;
          gender: 'man' | 'other' | 'woman' | null;
          dateOfBirth: string | null;
          info: string | null;
          avatarUrl: string | null;
        };
      };
      meta: object;
    }>;
    /** Sign in with a code, after the password. REST: `POST /api/v1/accounts/login/totp`. */
    completeLogin: TRPCMutationProcedure<{
      input: {
        challenge: string;
        code?: string | undefined;
        recoveryCode?: string | undefined;
      };
      output: {
        accessToken: string;
        refreshToken: string;
        tokenType: 'Bearer';
        expiresIn: number;
      };
      meta: object;
    }>;
    totp: {
      /** Get a secret for an authenticator app. Needs a session. REST: `POST /api/v1/accounts/totp/setup`. */
      setup: TRPCMutationProcedure<{
        input: {
          password?: string | undefined;
        } | undefined;
        output: {
          otpauthUri: string;
          secret: string;
        };
        meta: object;
      }>;
      /** Ask for a code at each sign-in from now on; other sessions end. Needs a session. REST: `POST /api/v1/accounts/totp/enable`. */
      enable: TRPCMutationProcedure<{
        input: {
          code: string;
        };
        output: {
          recoveryCodes: string[];
        };
        meta: object;
      }>;
      /** Ask for no code any more. Needs a session. REST: `POST /api/v1/accounts/totp/disable`. */
      disable: TRPCMutationProcedure<{
        input: {
          password: string;
        };
        output: {
          message: string;
        };
        meta: object;
      }>;
      /** Get new recovery codes in place of the old ones. Needs a session. REST: `POST /api/v1/accounts/totp/recovery-codes`. */
      newRecoveryCodes: TRPCMutationProcedure<{
        input: {
          code: string;
        };
        output: {
          recoveryCodes: string[];
        };
        meta: object;
      }>;
    };
    /** Ask for a copy of everything that belongs to the account. Needs a session. REST: `POST /api/v1/accounts/export`. */
    exportData: TRPCMutationProcedure<{
      input: void;
      output: {
        message: string;
      };
      meta: object;
    }>;
    /** Ask for the account to be deleted. Needs a session. REST: `POST /api/v1/accounts/request-deletion`. */
    requestDeletion: TRPCMutationProcedure<{
      input: {
        password: string;
      };
      output: {
        deletesAt: Date;
      };
      meta: object;
    }>;
    /** Keep the account after all. Needs a session. REST: `POST /api/v1/accounts/cancel-deletion`. */
    cancelDeletion: TRPCMutationProcedure<{
      input: void;
      output: {
        message: string;
      };
      meta: object;
    }>;
  };
  profile: {
    /** Read your profile. Needs a session. REST: `GET /api/v1/profile`. */
    get: TRPCQueryProcedure<{
      input: void;
      output: {
        firstName: string | null;
        lastName: string | null;
        gender: 'man' | 'other' | 'woman' | null;
        dateOfBirth: string | null;
        info: string | null;
        avatarUrl: string | null;
      };
      meta: object;
    }>;
    /** Write your profile. Needs a session. REST: `PUT /api/v1/profile`. */
    update: TRPCMutationProcedure<{
      input: {
        firstName?: string | null | undefined;
        lastName?: string | null | undefined;
        gender?: 'man' | 'other' | 'woman' | null | undefined;
        dateOfBirth?: string | null | undefined;
        info?: string | null | undefined;
      };
      output: {
        firstName: string | null;
        lastName: string | null;
        gender: 'man' | 'other' | 'woman' | null;
        dateOfBirth: string | null;
        info: string | null;
        avatarUrl: string | null;
      };
      meta: object;
    }>;
    /** Set your avatar. Needs a session. REST: `PUT /api/v1/profile/avatar`. */
    setAvatar: TRPCMutationProcedure<{
      input: {
        image: Blob;
      };
      output: {
        avatarUrl: string;
      };
      meta: object;
    }>;
    /** Take your avatar away. Needs a session. REST: `DELETE /api/v1/profile/avatar`. */
    removeAvatar: TRPCMutationProcedure<{
      input: void;
      output: void;
      meta: object;
    }>;
  };
  users: {
    /** What everybody may know of a user. REST: `GET /api/v1/users/{userId}`. */
    card: TRPCQueryProcedure<{
      input: {
        userId: string;
      };
      output: {
        id: string;
        displayName: string;
        avatarUrl: string | null;
      };
      meta: object;
    }>;
  };
  movies: {
    /** Import films from a file. For moderators. REST: `POST /api/v1/movies/import`. */
    import: TRPCMutationProcedure<{
      input: {
        file: Blob;
        dryRun?: boolean | undefined;
      };
      output: {
        jobId: string;
      };
      meta: object;
    }>;
    /** How far an import has come, and what is wrong in its file. For moderators. REST: `GET /api/v1/movies/import/{jobId}`. */
    importStatus: TRPCQueryProcedure<{
      input: {
        jobId: string;
      };
      output: {
        jobId: string;
        state: 'checking' | 'done' | 'failed' | 'importing' | 'rejected' | 'waiting';
        dryRun: boolean;
        counts: {
          rows: number | null;
          checked: number;
          failed: number;
          created: number;
          updated: number;
          unchanged: number;
        };
        errors: {
          row: number | null;
          column: string | null;
          message: string;
        }[];
        errorCount: number;
        progress: number;
        createdAt: Date;
        finishedAt: Date | null;
      };
      meta: object;
    }>;
    /** Export the films of the catalogue. For moderators. REST: `GET /api/v1/movies/export`. */
    export: TRPCQueryProcedure<{
      input: {
        format?: 'csv' | 'ndjson' | undefined;
      };
      output: AsyncIterable<string>;
      meta: object;
    }>;
    /** Add a film. For moderators. REST: `POST /api/v1/movies`. */
    create: TRPCMutationProcedure<{
      input: {
        name: string;
        year: number;
        time: number;
        imdb: number;
        description: string;
        certification: string;
        releaseDate?: string | null | undefined;
        votes?: number | undefined;
        metaScore?: number | null | undefined;
        gross?: {
          amount: number;
          currency: string;
        } | null | undefined;
        budget?: {
          amount: number;
          currency: string;
        } | null | undefined;
        price?: {
          amount: number;
          currency: string;
        } | null | undefined;
        status?: 'in_production' | 'post_production' | 'released' | undefined;
        genres?: string[] | undefined;
        stars?: string[] | undefined;
        directors?: string[] | undefined;
        countries?: string[] | undefined;
        languages?: string[] | undefined;
      };
      output: {
        id: string;
        slug: string;
        name: string;
        year: number;
        time: number;
        imdb: number;
        price: {
          amount: number;
          currency: string;
        } | null;
        status: 'in_production' | 'post_production' | 'released';
        certification: {
          id: string;
          name: string;
        };
        genres: {
          id: string;
          name: string;
        }[];
        directors: {
          id: string;
          name: string;
        }[];
        countries: {
          id: string;
          name: string;
        }[];
        languages: {
          id: string;
          name: string;
        }[];
        releaseDate: string | null;
        votes: number;
        metaScore: number | null;
        gross: {
          amount: number;
          currency: string;
        } | null;
        budget: {
          amount: number;
          currency: string;
        } | null;
        posterUrl: string | null;
        trailer: string | null;
        ratingAverage: number | null;
        ratingCount: number;
        hasVideo: boolean;
        createdAt: Date;
        updatedAt: Date;
        description: string;
        stars: {
          id: string;
          name: string;
        }[];
        likeCount: number;
        dislikeCount: number;
        favoriteCount: number;
        commentCount: number;
        owned?: boolean | undefined;
        inCart?: boolean | undefined;
        favorite?: boolean | undefined;
        myReaction?: 'dislike' | 'like' | null | undefined;
        myRating?: number | null | undefined;
      };
      meta: object;
    }>;
    /** Change a film. For moderators. REST: `PATCH /api/v1/movies/{movieId}`. */
    update: TRPCMutationProcedure<{
      input: {
        name?: string | undefined;
        year?: number | undefined;
        time?: number | undefined;
        releaseDate?: string | null | undefined;
        imdb?: number | undefined;
        votes?: number | undefined;
        metaScore?: number | null | undefined;
        gross?: {
          amount: number;
          currency: string;
        } | null | undefined;
        budget?: {
          amount: number;
          currency: string;
        } | null | undefined;
        description?: string | undefined;
        price?: {
          amount: number;
          currency: string;
        } | null | undefined;
        status?: 'in_production' | 'post_production' | 'released' | undefined;
        certification?: string | undefined;
        genres?: string[] | undefined;
        stars?: string[] | undefined;
        directors?: string[] | undefined;
        countries?: string[] | undefined;
        languages?: string[] | undefined;
        movieId: string;
      };
      output: {
        id: string;
        slug: string;
        name: string;
        year: number;
        time: number;
        imdb: number;
        price: {
          amount: number;
          currency: string;
        } | null;
        status: 'in_production' | 'post_production' | 'released';
        certification: {
          id: string;
          name: string;
        };
        genres: {
          id: string;
          name: string;
        }[];
        directors: {
          id: string;
          name: string;
        }[];
        countries: {
          id: string;
          name: string;
        }[];
        languages: {
          id: string;
          name: string;
        }[];
        releaseDate: string | null;
        votes: number;
        metaScore: number | null;
        gross: {
          amount: number;
          currency: string;
        } | null;
        budget: {
          amount: number;
          currency: string;
        } | null;
        posterUrl: string | null;
        trailer: string | null;
        ratingAverage: number | null;
        ratingCount: number;
        hasVideo: boolean;
        createdAt: Date;
        updatedAt: Date;
        description: string;
        stars: {
          id: string;
          name: string;
        }[];
        likeCount: number;
        dislikeCount: number;
        favoriteCount: number;
        commentCount: number;
        owned?: boolean | undefined;
        inCart?: boolean | undefined;
        favorite?: boolean | undefined;
        myReaction?: 'dislike' | 'like' | null | undefined;
        myRating?: number | null | undefined;
      };
      meta: object;
    }>;
    /** Take a film out of the catalogue. For moderators. REST: `DELETE /api/v1/movies/{movieId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        movieId: string;
        force?: boolean | undefined;
      };
      output: void;
      meta: object;
    }>;
    /** Set the poster of a film. For moderators. REST: `PUT /api/v1/movies/{movieId}/poster`. */
    setPoster: TRPCMutationProcedure<{
      input: {
        movieId: string;
        image: Blob;
      };
      output: {
        posterUrl: string;
      };
      meta: object;
    }>;
    /** Take the poster of a film away. For moderators. REST: `DELETE /api/v1/movies/{movieId}/poster`. */
    removePoster: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: void;
      meta: object;
    }>;
    /** Search and browse the films. REST: `GET /api/v1/movies`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
        genre?: string | string[] | undefined;
        star?: string | string[] | undefined;
        director?: string | string[] | undefined;
        certification?: string | string[] | undefined;
        country?: string | string[] | undefined;
        language?: string | string[] | undefined;
        yearFrom?: number | undefined;
        yearTo?: number | undefined;
        imdbMin?: number | undefined;
        imdbMax?: number | undefined;
        priceMin?: number | undefined;
        priceMax?: number | undefined;
        status?: 'in_production' | 'post_production' | 'released' | ('in_production' | 'post_production' | 'released')[] | undefined;
        sort?: 'imdb' | 'newest' | 'popularity' | 'price' | 'rating' | 'relevance' | 'title' | 'year' | undefined;
        order?: 'asc' | 'desc' | undefined;
      };
      output: {
        items: {
          id: string;
          slug: string;
          name: string;
          year: number;
          time: number;
          imdb: number;
          price: {
            amount: number;
            currency: string;
          } | null;
          status: 'in_production' | 'post_production' | 'released';
          certification: {
            id: string;
            name: string;
          };
          genres: {
            id: string;
            name: string;
          }[];
          directors: {
            id: string;
            name: string;
          }[];
          countries: {
            id: string;
            name: string;
          }[];
          languages: {
            id: string;
            name: string;
          }[];
          releaseDate: string | null;
          votes: number;
          metaScore: number | null;
          gross: {
            amount: number;
            currency: string;
          } | null;
          budget: {
            amount: number;
            currency: string;
          } | null;
          posterUrl: string | null;
          trailer: string | null;
          ratingAverage: number | null;
          ratingCount: number;
          hasVideo: boolean;
          createdAt: Date;
          updatedAt: Date;
          stars: {
            id: string;
            name: string;
          }[];
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** What the films under these filters are made of. REST: `GET /api/v1/movies/facets`. */
    facets: TRPCQueryProcedure<{
      input: {
        query?: string | undefined;
        genre?: string | string[] | undefined;
        star?: string | string[] | undefined;
        director?: string | string[] | undefined;
        certification?: string | string[] | undefined;
        country?: string | string[] | undefined;
        language?: string | string[] | undefined;
        yearFrom?: number | undefined;
        yearTo?: number | undefined;
        imdbMin?: number | undefined;
        imdbMax?: number | undefined;
        priceMin?: number | undefined;
        priceMax?: number | undefined;
        status?: 'in_production' | 'post_production' | 'released' | ('in_production' | 'post_production' | 'released')[] | undefined;
      };
      output: {
        total: number;
        isEstimate: boolean;
        genres: {
          id: string;
          name: string;
          count: number;
        }[];
        certifications: {
          id: string;
          name: string;
          count: number;
        }[];
        decades: {
          yearFrom: number;
          yearTo: number;
          count: number;
        }[];
        prices: {
          priceMin: number;
          priceMax: number | null;
          count: number;
        }[];
      };
      meta: object;
    }>;
    /** Titles and people that somebody who is typing may mean. REST: `GET /api/v1/movies/suggest`. */
    suggest: TRPCQueryProcedure<{
      input: {
        query: string;
      };
      output: {
        items: ({
          kind: 'movie';
          id: string;
          slug: string;
          name: string;
          year: number;
          posterUrl: string | null;
        } | {
          kind: 'star';
          id: string;
          name: string;
        } | {
          kind: 'director';
          id: string;
          name: string;
        })[];
      };
      meta: object;
    }>;
    /** Films like this one, and why. REST: `GET /api/v1/movies/{movieId}/similar`. */
    similar: TRPCQueryProcedure<{
      input: {
        movieId: string;
      };
      output: {
        items: {
          id: string;
          slug: string;
          name: string;
          year: number;
          time: number;
          imdb: number;
          price: {
            amount: number;
            currency: string;
          } | null;
          status: 'in_production' | 'post_production' | 'released';
          certification: {
            id: string;
            name: string;
          };
          genres: {
            id: string;
            name: string;
          }[];
          directors: {
            id: string;
            name: string;
          }[];
          countries: {
            id: string;
            name: string;
          }[];
          languages: {
            id: string;
            name: string;
          }[];
          releaseDate: string | null;
          votes: number;
          metaScore: number | null;
          gross: {
            amount: number;
            currency: string;
          } | null;
          budget: {
            amount: number;
            currency: string;
          } | null;
          posterUrl: string | null;
          trailer: string | null;
          ratingAverage: number | null;
          ratingCount: number;
          hasVideo: boolean;
          createdAt: Date;
          updatedAt: Date;
          stars: {
            id: string;
            name: string;
          }[];
          why: {
            kind: 'director' | 'genres' | 'star';
            names: string[];
            text: string;
          };
        }[];
      };
      meta: object;
    }>;
    /** A film with everything about it. REST: `GET /api/v1/movies/{movieId}`. */
    get: TRPCQueryProcedure<{
      input: {
        movieId: string;
      };
      output: {
        id: string;
        slug: string;
        name: string;
        year: number;
        time: number;
        imdb: number;
        price: {
          amount: number;
          currency: string;
        } | null;
        status: 'in_production' | 'post_production' | 'released';
        certification: {
          id: string;
          name: string;
        };
        genres: {
          id: string;
          name: string;
        }[];
        directors: {
          id: string;
          name: string;
        }[];
        countries: {
          id: string;
          name: string;
        }[];
        languages: {
          id: string;
          name: string;
        }[];
        releaseDate: string | null;
        votes: number;
        metaScore: number | null;
        gross: {
          amount: number;
          currency: string;
        } | null;
        budget: {
          amount: number;
          currency: string;
        } | null;
        posterUrl: string | null;
        trailer: string | null;
        ratingAverage: number | null;
        ratingCount: number;
        hasVideo: boolean;
        createdAt: Date;
        updatedAt: Date;
        description: string;
        stars: {
          id: string;
          name: string;
        }[];
        likeCount: number;
        dislikeCount: number;
        favoriteCount: number;
        commentCount: number;
        owned?: boolean | undefined;
        inCart?: boolean | undefined;
        favorite?: boolean | undefined;
        myReaction?: 'dislike' | 'like' | null | undefined;
        myRating?: number | null | undefined;
      };
      meta: object;
    }>;
  };
  reactions: {
    /** Like or dislike a film. Needs a session. REST: `PUT /api/v1/movies/{movieId}/reaction`. */
    set: TRPCMutationProcedure<{
      input: {
        movieId: string;
        reaction: 'dislike' | 'like';
      };
      output: {
        likeCount: number;
        dislikeCount: number;
      };
      meta: object;
    }>;
    /** Take back your like or dislike. Needs a session. REST: `DELETE /api/v1/movies/{movieId}/reaction`. */
    clear: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: void;
      meta: object;
    }>;
  };
  ratings: {
    /** Rate a film from 1 to 10. Needs a session. REST: `PUT /api/v1/movies/{movieId}/rating`. */
    set: TRPCMutationProcedure<{
      input: {
        movieId: string;
        score: number;
      };
      output: {
        ratingAverage: number | null;
        ratingCount: number;
      };
      meta: object;
    }>;
    /** Take back your rating. Needs a session. REST: `DELETE /api/v1/movies/{movieId}/rating`. */
    clear: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: {
        ratingAverage: number | null;
        ratingCount: number;
      };
      meta: object;
    }>;
  };
  favorites: {
    /** Your favourite films. Needs a session. REST: `GET /api/v1/favorites`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
        genre?: string | string[] | undefined;
        star?: string | string[] | undefined;
        director?: string | string[] | undefined;
        certification?: string | string[] | undefined;
        country?: string | string[] | undefined;
        language?: string | string[] | undefined;
        yearFrom?: number | undefined;
        yearTo?: number | undefined;
        imdbMin?: number | undefined;
        imdbMax?: number | undefined;
        priceMin?: number | undefined;
        priceMax?: number | undefined;
        status?: 'in_production' | 'post_production' | 'released' | ('in_production' | 'post_production' | 'released')[] | undefined;
        sort?: 'added' | 'imdb' | 'newest' | 'popularity' | 'price' | 'rating' | 'relevance' | 'title' | 'year' | undefined;
        order?: 'asc' | 'desc' | undefined;
      };
      output: {
        items: {
          id: string;
          slug: string;
          name: string;
          year: number;
          time: number;
          imdb: number;
          price: {
            amount: number;
            currency: string;
          } | null;
          status: 'in_production' | 'post_production' | 'released';
          certification: {
            id: string;
            name: string;
          };
          genres: {
            id: string;
            name: string;
          }[];
          directors: {
            id: string;
            name: string;
          }[];
          countries: {
            id: string;
            name: string;
          }[];
          languages: {
            id: string;
            name: string;
          }[];
          releaseDate: string | null;
          votes: number;
          metaScore: number | null;
          gross: {
            amount: number;
            currency: string;
          } | null;
          budget: {
            amount: number;
            currency: string;
          } | null;
          posterUrl: string | null;
          trailer: string | null;
          ratingAverage: number | null;
          ratingCount: number;
          hasVideo: boolean;
          createdAt: Date;
          updatedAt: Date;
          stars: {
            id: string;
            name: string;
          }[];
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** Add a film to your favourites. Needs a session. REST: `PUT /api/v1/favorites/{movieId}`. */
    add: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: void;
      meta: object;
    }>;
    /** Remove a film from your favourites. Needs a session. REST: `DELETE /api/v1/favorites/{movieId}`. */
    remove: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: void;
      meta: object;
    }>;
  };
  recommendations: {
    /** Films you may like, and why. Needs a session. REST: `GET /api/v1/recommendations`. */
    forMe: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
      };
      output: {
        items: {
          id: string;
          slug: string;
          name: string;
          year: number;
          time: number;
          imdb: number;
          price: {
            amount: number;
            currency: string;
          } | null;
          status: 'in_production' | 'post_production' | 'released';
          certification: {
            id: string;
            name: string;
          };
          genres: {
            id: string;
            name: string;
          }[];
          directors: {
            id: string;
            name: string;
          }[];
          countries: {
            id: string;
            name: string;
          }[];
          languages: {
            id: string;
            name: string;
          }[];
          releaseDate: string | null;
          votes: number;
          metaScore: number | null;
          gross: {
            amount: number;
            currency: string;
          } | null;
          budget: {
            amount: number;
            currency: string;
          } | null;
          posterUrl: string | null;
          trailer: string | null;
          ratingAverage: number | null;
          ratingCount: number;
          hasVideo: boolean;
          createdAt: Date;
          updatedAt: Date;
          stars: {
            id: string;
            name: string;
          }[];
          why: {
            kind: 'director' | 'genres' | 'new' | 'popular' | 'rated' | 'star' | 'trending' | 'viewers';
            names: string[];
            text: string;
          };
        }[];
      };
      meta: object;
    }>;
    /** What viewers watch and like these days. REST: `GET /api/v1/movies/trending`. */
    trending: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
      };
      output: {
        items: {
          id: string;
          slug: string;
          name: string;
          year: number;
          time: number;
          imdb: number;
          price: {
            amount: number;
            currency: string;
          } | null;
          status: 'in_production' | 'post_production' | 'released';
          certification: {
            id: string;
            name: string;
          };
          genres: {
            id: string;
            name: string;
          }[];
          directors: {
            id: string;
            name: string;
          }[];
          countries: {
            id: string;
            name: string;
          }[];
          languages: {
            id: string;
            name: string;
          }[];
          releaseDate: string | null;
          votes: number;
          metaScore: number | null;
          gross: {
            amount: number;
            currency: string;
          } | null;
          budget: {
            amount: number;
            currency: string;
          } | null;
          posterUrl: string | null;
          trailer: string | null;
          ratingAverage: number | null;
          ratingCount: number;
          hasVideo: boolean;
          createdAt: Date;
          updatedAt: Date;
          stars: {
            id: string;
            name: string;
          }[];
          why: {
            kind: 'director' | 'genres' | 'new' | 'popular' | 'rated' | 'star' | 'trending' | 'viewers';
            names: string[];
            text: string;
          };
        }[];
      };
      meta: object;
    }>;
    /** The newest films for sale. REST: `GET /api/v1/movies/new`. */
    newReleases: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
      };
      output: {
        items: {
          id: string;
          slug: string;
          name: string;
          year: number;
          time: number;
          imdb: number;
          price: {
            amount: number;
            currency: string;
          } | null;
          status: 'in_production' | 'post_production' | 'released';
          certification: {
            id: string;
            name: string;
          };
          genres: {
            id: string;
            name: string;
          }[];
          directors: {
            id: string;
            name: string;
          }[];
          countries: {
            id: string;
            name: string;
          }[];
          languages: {
            id: string;
            name: string;
          }[];
          releaseDate: string | null;
          votes: number;
          metaScore: number | null;
          gross: {
            amount: number;
            currency: string;
          } | null;
          budget: {
            amount: number;
            currency: string;
          } | null;
          posterUrl: string | null;
          trailer: string | null;
          ratingAverage: number | null;
          ratingCount: number;
          hasVideo: boolean;
          createdAt: Date;
          updatedAt: Date;
          stars: {
            id: string;
            name: string;
          }[];
          why: {
            kind: 'director' | 'genres' | 'new' | 'popular' | 'rated' | 'star' | 'trending' | 'viewers';
            names: string[];
            text: string;
          };
        }[];
      };
      meta: object;
    }>;
  };
  comments: {
    /** What viewers say about a film. REST: `GET /api/v1/movies/{movieId}/comments`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        movieId: string;
        sort?: 'newest' | 'oldest' | 'top' | undefined;
      };
      output: {
        items: {
          id: string;
          movieId: string;
          parentId: string | null;
          replyTo: {
            id: string;
            author: {
              id: string;
              displayName: string;
              avatarUrl: string | null;
            } | null;
          } | null;
          author: {
            id: string;
            displayName: string;
            avatarUrl: string | null;
          } | null;
          text: string | null;
          spoiler: boolean;
          likeCount: number;
          likedByMe?: boolean | undefined;
          replyCount: number;
          createdAt: Date;
          editedAt: Date | null;
          isDeleted: boolean;
          isHidden: boolean;
          replies: {
            id: string;
            movieId: string;
            parentId: string | null;
            replyTo: {
              id: string;
              author: {
                id: string;
                displayName: string;
                avatarUrl: string | null;
              } | null;
            } | null;
            author: {
              id: string;
              displayName: string;
              avatarUrl: string | null;
            } | null;
            text: string | null;
            spoiler: boolean;
            likeCount: number;
            likedByMe?: boolean | undefined;
            replyCount: number;
            createdAt: Date;
            editedAt: Date | null;
            isDeleted: boolean;
            isHidden: boolean;
          }[];
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** The replies to a comment, the oldest first. REST: `GET /api/v1/comments/{commentId}/replies`. */
    replies: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        commentId: string;
      };
      output: {
        items: {
          id: string;
          movieId: string;
          parentId: string | null;
          replyTo: {
            id: string;
            author: {
              id: string;
              displayName: string;
              avatarUrl: string | null;
            } | null;
          } | null;
          author: {
            id: string;
            displayName: string;
            avatarUrl: string | null;
          } | null;
          text: string | null;
          spoiler: boolean;
          likeCount: number;
          likedByMe?: boolean | undefined;
          replyCount: number;
          createdAt: Date;
          editedAt: Date | null;
          isDeleted: boolean;
          isHidden: boolean;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** Say something about a film, or answer a comment. Needs a session. REST: `POST /api/v1/movies/{movieId}/comments`. */
    create: TRPCMutationProcedure<{
      input: {
        movieId: string;
        text: string;
        parentId?: string | undefined;
        spoiler?: boolean | undefined;
      };
      output: {
        id: string;
        movieId: string;
        parentId: string | null;
        replyTo: {
          id: string;
          author: {
            id: string;
            displayName: string;
            avatarUrl: string | null;
          } | null;
        } | null;
        author: {
          id: string;
          displayName: string;
          avatarUrl: string | null;
        } | null;
        text: string | null;
        spoiler: boolean;
        likeCount: number;
        likedByMe?: boolean | undefined;
        replyCount: number;
        createdAt: Date;
        editedAt: Date | null;
        isDeleted: boolean;
        isHidden: boolean;
      };
      meta: object;
    }>;
    /** Change what you said. Needs a session. REST: `PATCH /api/v1/comments/{commentId}`. */
    edit: TRPCMutationProcedure<{
      input: {
        commentId: string;
        text?: string | undefined;
        spoiler?: boolean | undefined;
      };
      output: {
        id: string;
        movieId: string;
        parentId: string | null;
        replyTo: {
          id: string;
          author: {
            id: string;
            displayName: string;
            avatarUrl: string | null;
          } | null;
        } | null;
        author: {
          id: string;
          displayName: string;
          avatarUrl: string | null;
        } | null;
        text: string | null;
        spoiler: boolean;
        likeCount: number;
        likedByMe?: boolean | undefined;
        replyCount: number;
        createdAt: Date;
        editedAt: Date | null;
        isDeleted: boolean;
        isHidden: boolean;
      };
      meta: object;
    }>;
    /** Delete a comment. Needs a session. REST: `DELETE /api/v1/comments/{commentId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        commentId: string;
      };
      output: void;
      meta: object;
    }>;
    /** Like a comment. Needs a session. REST: `PUT /api/v1/comments/{commentId}/like`. */
    like: TRPCMutationProcedure<{
      input: {
        commentId: string;
      };
      output: void;
      meta: object;
    }>;
    /** Take a like back. Needs a session. REST: `DELETE /api/v1/comments/{commentId}/like`. */
    unlike: TRPCMutationProcedure<{
      input: {
        commentId: string;
      };
      output: void;
      meta: object;
    }>;
    /** Report a comment to the moderators. Needs a session. REST: `POST /api/v1/comments/{commentId}/reports`. */
    report: TRPCMutationProcedure<{
      input: {
        commentId: string;
        reason: 'abuse' | 'illegal' | 'other' | 'spam' | 'spoiler';
        note?: string | undefined;
      };
      output: {
        id: string;
        commentId: string;
        reason: 'abuse' | 'illegal' | 'other' | 'spam' | 'spoiler';
        note: string | null;
        createdAt: Date;
      };
      meta: object;
    }>;
  };
  moderation: {
    /** Reported comments that wait for a decision. For moderators. REST: `GET /api/v1/moderation/reports`. */
    queue: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
      };
      output: {
        items: {
          comment: {
            id: string;
            movieId: string;
            parentId: string | null;
            replyTo: {
              id: string;
              author: {
                id: string;
                displayName: string;
                avatarUrl: string | null;
              } | null;
            } | null;
            author: {
              id: string;
              displayName: string;
              avatarUrl: string | null;
            } | null;
            text: string | null;
            spoiler: boolean;
            likeCount: number;
            likedByMe?: boolean | undefined;
            replyCount: number;
            createdAt: Date;
            editedAt: Date | null;
            isDeleted: boolean;
            isHidden: boolean;
          };
          movie: {
            id: string;
            slug: string;
            name: string;
            year: number;
          };
          reportCount: number;
          reasons: {
            reason: 'abuse' | 'illegal' | 'other' | 'spam' | 'spoiler';
            count: number;
          }[];
          notes: {
            reason: 'abuse' | 'illegal' | 'other' | 'spam' | 'spoiler';
            note: string;
            createdAt: Date;
          }[];
          firstReportedAt: Date;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** Keep or remove a reported comment. For moderators. REST: `POST /api/v1/moderation/reports/{commentId}`. */
    decide: TRPCMutationProcedure<{
      input: {
        commentId: string;
        decision: 'keep' | 'remove';
        note: string;
      };
      output: {
        id: string;
        commentId: string;
        decision: 'keep' | 'remove';
        note: string;
        reportCount: number;
        decidedAt: Date;
      };
      meta: object;
    }>;
  };
  cart: {
    /** Your cart. Needs a session. REST: `GET /api/v1/cart`. */
    get: TRPCQueryProcedure<{
      input: void;
      output: {
        items: {
          movie: {
            id: string;
            slug: string;
            name: string;
            year: number;
            genres: {
              id: string;
              name: string;
            }[];
            posterUrl: string | null;
          };
          price: {
            amount: number;
            currency: string;
          } | null;
          addedAt: Date;
          available: boolean;
        }[];
        promo: {
          code: string;
          why: 'below_minimum' | 'ended' | 'no_matching_film' | 'not_started' | 'used_by_you' | 'used_up' | 'wrong_currency' | null;
        } | null;
        subtotal: {
          amount: number;
          currency: string;
        };
        discount: {
          amount: number;
          currency: string;
        };
        total: {
          amount: number;
          currency: string;
        };
      };
      meta: object;
    }>;
    /** Put a film in the cart. Needs a session. REST: `POST /api/v1/cart/items`. */
    add: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: {
        items: {
          movie: {
            id: string;
            slug: string;
            name: string;
            year: number;
            genres: {
              id: string;
              name: string;
            }[];
            posterUrl: string | null;
          };
          price: {
            amount: number;
            currency: string;
          } | null;
          addedAt: Date;
          available: boolean;
        }[];
        promo: {
          code: string;
          why: 'below_minimum' | 'ended' | 'no_matching_film' | 'not_started' | 'used_by_you' | 'used_up' | 'wrong_currency' | null;
        } | null;
        subtotal: {
          amount: number;
          currency: string;
        };
        discount: {
          amount: number;
          currency: string;
        };
        total: {
          amount: number;
          currency: string;
        };
      };
      meta: object;
    }>;
    /** Take a film out of the cart. Needs a session. REST: `DELETE /api/v1/cart/items/{movieId}`. */
    remove: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: void;
      meta: object;
    }>;
    /** Empty the cart. Needs a session. REST: `DELETE /api/v1/cart`. */
    clear: TRPCMutationProcedure<{
      input: void;
      output: void;
      meta: object;
    }>;
    /** Use a promotion. Needs a session. REST: `PUT /api/v1/cart/promo`. */
    applyPromo: TRPCMutationProcedure<{
      input: {
        code: string;
      };
      output: {
        items: {
          movie: {
            id: string;
            slug: string;
            name: string;
            year: number;
            genres: {
              id: string;
              name: string;
            }[];
            posterUrl: string | null;
          };
          price: {
            amount: number;
            currency: string;
          } | null;
          addedAt: Date;
          available: boolean;
        }[];
        promo: {
          code: string;
          why: 'below_minimum' | 'ended' | 'no_matching_film' | 'not_started' | 'used_by_you' | 'used_up' | 'wrong_currency' | null;
        } | null;
        subtotal: {
          amount: number;
          currency: string;
        };
        discount: {
          amount: number;
          currency: string;
        };
        total: {
          amount: number;
          currency: string;
        };
      };
      meta: object;
    }>;
    /** Do without the promotion. Needs a session. REST: `DELETE /api/v1/cart/promo`. */
    removePromo: TRPCMutationProcedure<{
      input: void;
      output: {
        items: {
          movie: {
            id: string;
            slug: string;
            name: string;
            year: number;
            genres: {
              id: string;
              name: string;
            }[];
            posterUrl: string | null;
          };
          price: {
            amount: number;
            currency: string;
          } | null;
          addedAt: Date;
          available: boolean;
        }[];
        promo: {
          code: string;
          why: 'below_minimum' | 'ended' | 'no_matching_film' | 'not_started' | 'used_by_you' | 'used_up' | 'wrong_currency' | null;
        } | null;
        subtotal: {
          amount: number;
          currency: string;
        };
        discount: {
          amount: number;
          currency: string;
        };
        total: {
          amount: number;
          currency: string;
        };
      };
      meta: object;
    }>;
  };
  promos: {
    /** The promotions, newest first. For admins. REST: `GET /api/v1/promos`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
      };
      output: {
        items: {
          id: string;
          code: string;
          percent: number | null;
          amount: {
            amount: number;
            currency: string;
          } | null;
          startsAt: Date | null;
          endsAt: Date | null;
          maxUses: number | null;
          perUser: number | null;
          minTotal: {
            amount: number;
            currency: string;
          } | null;
          movieIds: string[];
          genreIds: string[];
          isActive: boolean;
          uses: number;
          createdAt: Date;
          updatedAt: Date;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** Make a promotion. For admins. REST: `POST /api/v1/promos`. */
    create: TRPCMutationProcedure<{
      input: {
        percent?: number | null | undefined;
        amount?: {
          amount: number;
          currency: string;
        } | null | undefined;
        startsAt?: string | Date | null | undefined;
        endsAt?: string | Date | null | undefined;
        maxUses?: number | null | undefined;
        perUser?: number | null | undefined;
        minTotal?: {
          amount: number;
          currency: string;
        } | null | undefined;
        movieIds?: string[] | undefined;
        genreIds?: string[] | undefined;
        isActive?: boolean | undefined;
        code: string;
      };
      output: {
        id: string;
        code: string;
        percent: number | null;
        amount: {
          amount: number;
          currency: string;
        } | null;
        startsAt: Date | null;
        endsAt: Date | null;
        maxUses: number | null;
        perUser: number | null;
        minTotal: {
          amount: number;
          currency: string;
        } | null;
        movieIds: string[];
        genreIds: string[];
        isActive: boolean;
        uses: number;
        createdAt: Date;
        updatedAt: Date;
      };
      meta: object;
    }>;
    /** Change a promotion. For admins. REST: `PATCH /api/v1/promos/{promoId}`. */
    update: TRPCMutationProcedure<{
      input: {
        percent?: number | null | undefined;
        amount?: {
          amount: number;
          currency: string;
        } | null | undefined;
        startsAt?: string | Date | null | undefined;
        endsAt?: string | Date | null | undefined;
        maxUses?: number | null | undefined;
        perUser?: number | null | undefined;
        minTotal?: {
          amount: number;
          currency: string;
        } | null | undefined;
        movieIds?: string[] | undefined;
        genreIds?: string[] | undefined;
        isActive?: boolean | undefined;
        promoId: string;
      };
      output: {
        id: string;
        code: string;
        percent: number | null;
        amount: {
          amount: number;
          currency: string;
        } | null;
        startsAt: Date | null;
        endsAt: Date | null;
        maxUses: number | null;
        perUser: number | null;
        minTotal: {
          amount: number;
          currency: string;
        } | null;
        movieIds: string[];
        genreIds: string[];
        isActive: boolean;
        uses: number;
        createdAt: Date;
        updatedAt: Date;
      };
      meta: object;
    }>;
    /** Delete a promotion that no order has. For admins. REST: `DELETE /api/v1/promos/{promoId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        promoId: string;
      };
      output: void;
      meta: object;
    }>;
  };
  orders: {
    /** Order what is in the cart. Needs a session. REST: `POST /api/v1/orders`. */
    create: TRPCMutationProcedure<{
      input: {
        movieIds?: string[] | undefined;
        expectedTotal?: {
          amount: number;
          currency: string;
        } | undefined;
      };
      output: {
        order: {
          id: string;
          number: number;
          status: 'canceled' | 'paid' | 'pending' | 'refunded';
          items: {
            movieId: string;
            slug: string;
            name: string;
            year: number;
            price: {
              amount: number;
              currency: string;
            };
            discount: {
              amount: number;
              currency: string;
            };
            posterUrl: string | null;
          }[];
          promo: string | null;
          subtotal: {
            amount: number;
            currency: string;
          };
          discount: {
            amount: number;
            currency: string;
          };
          total: {
            amount: number;
            currency: string;
          };
          payment: {
            id: string;
            orderId: string;
            orderNumber: number;
            status: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful';
            amount: {
              amount: number;
              currency: string;
            };
            receiptUrl: string | null;
            advice: string | null;
            createdAt: Date;
          } | null;
          refunds: {
            id: string;
            orderId: string;
            paymentId: string;
            status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
            origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
            amount: {
              amount: number;
              currency: string;
            };
            movieIds: string[];
            reason: string;
            note: string | null;
            number: number | null;
            createdAt: Date;
            finishedAt: Date | null;
          }[];
          createdAt: Date;
          expiresAt: Date | null;
          paidAt: Date | null;
          canceledAt: Date | null;
        };
        excluded: {
          movieId: string;
          reason: 'already_owned' | 'in_pending_order' | 'not_for_sale' | 'not_in_cart';
        }[];
      };
      meta: object;
    }>;
    /** Your orders, newest first. Needs a session. REST: `GET /api/v1/orders`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        status?: 'canceled' | 'paid' | 'pending' | 'refunded' | undefined;
      };
      output: {
        items: {
          id: string;
          number: number;
          status: 'canceled' | 'paid' | 'pending' | 'refunded';
          items: {
            movieId: string;
            slug: string;
            name: string;
            year: number;
            price: {
              amount: number;
              currency: string;
            };
            discount: {
              amount: number;
              currency: string;
            };
            posterUrl: string | null;
          }[];
          promo: string | null;
          subtotal: {
            amount: number;
            currency: string;
          };
          discount: {
            amount: number;
            currency: string;
          };
          total: {
            amount: number;
            currency: string;
          };
          payment: {
            id: string;
            orderId: string;
            orderNumber: number;
            status: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful';
            amount: {
              amount: number;
              currency: string;
            };
            receiptUrl: string | null;
            advice: string | null;
            createdAt: Date;
          } | null;
          refunds: {
            id: string;
            orderId: string;
            paymentId: string;
            status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
            origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
            amount: {
              amount: number;
              currency: string;
            };
            movieIds: string[];
            reason: string;
            note: string | null;
            number: number | null;
            createdAt: Date;
            finishedAt: Date | null;
          }[];
          createdAt: Date;
          expiresAt: Date | null;
          paidAt: Date | null;
          canceledAt: Date | null;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** One of your orders. Needs a session. REST: `GET /api/v1/orders/{orderId}`. */
    get: TRPCQueryProcedure<{
      input: {
        orderId: string;
      };
      output: {
        id: string;
        number: number;
        status: 'canceled' | 'paid' | 'pending' | 'refunded';
        items: {
          movieId: string;
          slug: string;
          name: string;
          year: number;
          price: {
            amount: number;
            currency: string;
          };
          discount: {
            amount: number;
            currency: string;
          };
          posterUrl: string | null;
        }[];
        promo: string | null;
        subtotal: {
          amount: number;
          currency: string;
        };
        discount: {
          amount: number;
          currency: string;
        };
        total: {
          amount: number;
          currency: string;
        };
        payment: {
          id: string;
          orderId: string;
          orderNumber: number;
          status: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful';
          amount: {
            amount: number;
            currency: string;
          };
          receiptUrl: string | null;
          advice: string | null;
          createdAt: Date;
        } | null;
        refunds: {
          id: string;
          orderId: string;
          paymentId: string;
          status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
          origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
          amount: {
            amount: number;
            currency: string;
          };
          movieIds: string[];
          reason: string;
          note: string | null;
          number: number | null;
          createdAt: Date;
          finishedAt: Date | null;
        }[];
        createdAt: Date;
        expiresAt: Date | null;
        paidAt: Date | null;
        canceledAt: Date | null;
      };
      meta: object;
    }>;
    /** Open the payment page of an order. Needs a session. REST: `POST /api/v1/orders/{orderId}/checkout`. */
    checkout: TRPCMutationProcedure<{
      input: {
        orderId: string;
      };
      output: {
        checkoutUrl: string;
        expiresAt: Date;
      };
      meta: object;
    }>;
    /** Give an order up that is not paid. Needs a session. REST: `POST /api/v1/orders/{orderId}/cancel`. */
    cancel: TRPCMutationProcedure<{
      input: {
        orderId: string;
      };
      output: {
        id: string;
        number: number;
        status: 'canceled' | 'paid' | 'pending' | 'refunded';
        items: {
          movieId: string;
          slug: string;
          name: string;
          year: number;
          price: {
            amount: number;
            currency: string;
          };
          discount: {
            amount: number;
            currency: string;
          };
          posterUrl: string | null;
        }[];
        promo: string | null;
        subtotal: {
          amount: number;
          currency: string;
        };
        discount: {
          amount: number;
          currency: string;
        };
        total: {
          amount: number;
          currency: string;
        };
        payment: {
          id: string;
          orderId: string;
          orderNumber: number;
          status: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful';
          amount: {
            amount: number;
            currency: string;
          };
          receiptUrl: string | null;
          advice: string | null;
          createdAt: Date;
        } | null;
        refunds: {
          id: string;
          orderId: string;
          paymentId: string;
          status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
          origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
          amount: {
            amount: number;
            currency: string;
          };
          movieIds: string[];
          reason: string;
          note: string | null;
          number: number | null;
          createdAt: Date;
          finishedAt: Date | null;
        }[];
        createdAt: Date;
        expiresAt: Date | null;
        paidAt: Date | null;
        canceledAt: Date | null;
      };
      meta: object;
    }>;
  };
  payments: {
    /** Your payments, newest first. Needs a session. REST: `GET /api/v1/payments`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
      };
      output: {
        items: {
          id: string;
          orderId: string;
          orderNumber: number;
          status: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful';
          amount: {
            amount: number;
            currency: string;
          };
          receiptUrl: string | null;
          advice: string | null;
          createdAt: Date;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** One of your payments, and what went back of it. Needs a session. REST: `GET /api/v1/payments/{paymentId}`. */
    get: TRPCQueryProcedure<{
      input: {
        paymentId: string;
      };
      output: {
        id: string;
        orderId: string;
        orderNumber: number;
        status: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful';
        amount: {
          amount: number;
          currency: string;
        };
        receiptUrl: string | null;
        advice: string | null;
        createdAt: Date;
        receiptNumber: number | null;
        refunds: {
          id: string;
          orderId: string;
          paymentId: string;
          status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
          origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
          amount: {
            amount: number;
            currency: string;
          };
          movieIds: string[];
          reason: string;
          note: string | null;
          number: number | null;
          createdAt: Date;
          finishedAt: Date | null;
        }[];
      };
      meta: object;
    }>;
    /** The receipt of a payment. Needs a session. REST: `GET /api/v1/payments/{paymentId}/receipt`. */
    receipt: TRPCQueryProcedure<{
      input: {
        paymentId: string;
      };
      output: {
        number: number;
        issuedAt: Date;
        orderNumber: number;
        seller: {
          name: string;
          address: string;
          taxId: string;
        };
        buyer: {
          name: string | null;
          email: string;
        };
        lines: {
          name: string;
          year: number;
          price: {
            amount: number;
            currency: string;
          };
          discount: {
            amount: number;
            currency: string;
          };
          total: {
            amount: number;
            currency: string;
          };
        }[];
        subtotal: {
          amount: number;
          currency: string;
        };
        discount: {
          amount: number;
          currency: string;
        };
        total: {
          amount: number;
          currency: string;
        };
        tax: {
          ratePercent: number;
          amount: {
            amount: number;
            currency: string;
          };
        } | null;
        refunds: {
          number: number;
          refundedAt: Date;
          amount: {
            amount: number;
            currency: string;
          };
        }[];
      };
      meta: object;
    }>;
  };
  refunds: {
    /** Ask for the money of an order, or of some of its films. Needs a session. REST: `POST /api/v1/orders/{orderId}/refund`. */
    request: TRPCMutationProcedure<{
      input: {
        orderId: string;
        movieIds?: string[] | undefined;
        reason: string;
      };
      output: {
        id: string;
        orderId: string;
        paymentId: string;
        status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
        origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
        amount: {
          amount: number;
          currency: string;
        };
        movieIds: string[];
        reason: string;
        note: string | null;
        number: number | null;
        createdAt: Date;
        finishedAt: Date | null;
      };
      meta: object;
    }>;
    /** Refunds in one state, newest first. For moderators. REST: `GET /api/v1/refunds`. */
    queue: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        status?: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded' | undefined;
      };
      output: {
        items: {
          id: string;
          orderId: string;
          paymentId: string;
          status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
          origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
          amount: {
            amount: number;
            currency: string;
          };
          movieIds: string[];
          reason: string;
          note: string | null;
          number: number | null;
          createdAt: Date;
          finishedAt: Date | null;
          orderNumber: number;
          buyer: {
            userId: string;
            email: string;
          };
          films: {
            movieId: string;
            name: string;
            year: number;
            isWatched: boolean;
          }[];
          failureCode: string | null;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** Grant a refund somebody asked for. For admins. REST: `POST /api/v1/refunds/{refundId}/approve`. */
    approve: TRPCMutationProcedure<{
      input: {
        refundId: string;
        note?: string | undefined;
      };
      output: {
        id: string;
        orderId: string;
        paymentId: string;
        status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
        origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
        amount: {
          amount: number;
          currency: string;
        };
        movieIds: string[];
        reason: string;
        note: string | null;
        number: number | null;
        createdAt: Date;
        finishedAt: Date | null;
      };
      meta: object;
    }>;
    /** Decline a refund somebody asked for. For admins. REST: `POST /api/v1/refunds/{refundId}/reject`. */
    reject: TRPCMutationProcedure<{
      input: {
        refundId: string;
        note?: string | undefined;
      };
      output: {
        id: string;
        orderId: string;
        paymentId: string;
        status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
        origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
        amount: {
          amount: number;
          currency: string;
        };
        movieIds: string[];
        reason: string;
        note: string | null;
        number: number | null;
        createdAt: Date;
        finishedAt: Date | null;
      };
      meta: object;
    }>;
  };
  library: {
    /** The films you own. Needs a session. REST: `GET /api/v1/library`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
        genre?: string | string[] | undefined;
        star?: string | string[] | undefined;
        director?: string | string[] | undefined;
        certification?: string | string[] | undefined;
        country?: string | string[] | undefined;
        language?: string | string[] | undefined;
        yearFrom?: number | undefined;
        yearTo?: number | undefined;
        imdbMin?: number | undefined;
        imdbMax?: number | undefined;
        priceMin?: number | undefined;
        priceMax?: number | undefined;
        status?: 'in_production' | 'post_production' | 'released' | ('in_production' | 'post_production' | 'released')[] | undefined;
        sort?: 'added' | 'imdb' | 'newest' | 'popularity' | 'price' | 'progress' | 'rating' | 'relevance' | 'title' | 'watched' | 'year' | undefined;
        order?: 'asc' | 'desc' | undefined;
      };
      output: {
        items: {
          movie: {
            id: string;
            slug: string;
            name: string;
            year: number;
            time: number;
            imdb: number;
            price: {
              amount: number;
              currency: string;
            } | null;
            status: 'in_production' | 'post_production' | 'released';
            certification: {
              id: string;
              name: string;
            };
            genres: {
              id: string;
              name: string;
            }[];
            directors: {
              id: string;
              name: string;
            }[];
            countries: {
              id: string;
              name: string;
            }[];
            languages: {
              id: string;
              name: string;
            }[];
            releaseDate: string | null;
            votes: number;
            metaScore: number | null;
            gross: {
              amount: number;
              currency: string;
            } | null;
            budget: {
              amount: number;
              currency: string;
            } | null;
            posterUrl: string | null;
            trailer: string | null;
            ratingAverage: number | null;
            ratingCount: number;
            hasVideo: boolean;
            createdAt: Date;
            updatedAt: Date;
            stars: {
              id: string;
              name: string;
            }[];
          };
          boughtAt: Date;
          progress: {
            position: number;
            duration: number;
            watchedAt: Date | null;
            updatedAt: Date;
          } | null;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
  };
  playback: {
    /** Start to watch a film you own. Needs a session. REST: `POST /api/v1/library/{movieId}/play`. */
    start: TRPCMutationProcedure<{
      input: {
        movieId: string;
        deviceId?: string | undefined;
      };
      output: {
        playbackId?: string | undefined;
        src: string;
        sources: {
          src: string;
          type: string;
          width: number | null;
          height: number | null;
        }[];
        tracks: {
          kind: 'captions';
          src: string;
          language: string;
          label: string;
        }[];
        storyboard?: string | undefined;
        poster: string | null;
        expiresAt: Date;
        resumeAt: number;
        duration: number;
      };
      meta: object;
    }>;
    /** Get new addresses for what you watch. Needs a session. REST: `POST /api/v1/library/{movieId}/renew`. */
    renew: TRPCMutationProcedure<{
      input: {
        movieId: string;
        playbackId: string;
      };
      output: {
        playbackId?: string | undefined;
        src: string;
        sources: {
          src: string;
          type: string;
          width: number | null;
          height: number | null;
        }[];
        tracks: {
          kind: 'captions';
          src: string;
          language: string;
          label: string;
        }[];
        storyboard?: string | undefined;
        poster: string | null;
        expiresAt: Date;
        resumeAt: number;
        duration: number;
      };
      meta: object;
    }>;
    /** Stop to watch, and free the stream. Needs a session. REST: `POST /api/v1/library/{movieId}/stop`. */
    stop: TRPCMutationProcedure<{
      input: {
        movieId: string;
        playbackId: string;
      };
      output: void;
      meta: object;
    }>;
    /** Start to watch a trailer. REST: `POST /api/v1/movies/{movieId}/trailer/play`. */
    trailer: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: {
        playbackId?: string | undefined;
        src: string;
        sources: {
          src: string;
          type: string;
          width: number | null;
          height: number | null;
        }[];
        tracks: {
          kind: 'captions';
          src: string;
          language: string;
          label: string;
        }[];
        storyboard?: string | undefined;
        poster: string | null;
        expiresAt: Date;
        resumeAt: number;
        duration: number;
      };
      meta: object;
    }>;
    /** Keep how far you have come. Needs a session. REST: `PUT /api/v1/library/{movieId}/progress`. */
    progress: TRPCMutationProcedure<{
      input: {
        movieId: string;
        position: number;
        duration: number;
        playbackId?: string | undefined;
        deviceId?: string | undefined;
        sequence?: number | undefined;
      };
      output: void;
      meta: object;
    }>;
    /** Say whether you have watched a film. Needs a session. REST: `PUT /api/v1/library/{movieId}/watched`. */
    setWatched: TRPCMutationProcedure<{
      input: {
        movieId: string;
        watched: boolean;
      };
      output: void;
      meta: object;
    }>;
    /** The films to go on with. Needs a session. REST: `GET /api/v1/library/continue-watching`. */
    continueWatching: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
      };
      output: {
        items: {
          movie: {
            id: string;
            slug: string;
            name: string;
            year: number;
            time: number;
            imdb: number;
            price: {
              amount: number;
              currency: string;
            } | null;
            status: 'in_production' | 'post_production' | 'released';
            certification: {
              id: string;
              name: string;
            };
            genres: {
              id: string;
              name: string;
            }[];
            directors: {
              id: string;
              name: string;
            }[];
            countries: {
              id: string;
              name: string;
            }[];
            languages: {
              id: string;
              name: string;
            }[];
            releaseDate: string | null;
            votes: number;
            metaScore: number | null;
            gross: {
              amount: number;
              currency: string;
            } | null;
            budget: {
              amount: number;
              currency: string;
            } | null;
            posterUrl: string | null;
            trailer: string | null;
            ratingAverage: number | null;
            ratingCount: number;
            hasVideo: boolean;
            createdAt: Date;
            updatedAt: Date;
            stars: {
              id: string;
              name: string;
            }[];
          };
          progress: {
            position: number;
            duration: number;
            watchedAt: Date | null;
            updatedAt: Date;
          };
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** Hide a film from those to go on with. Needs a session. REST: `DELETE /api/v1/library/continue-watching/{movieId}`. */
    hide: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: void;
      meta: object;
    }>;
    /** What you have watched. Needs a session. REST: `GET /api/v1/library/history`. */
    history: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
      };
      output: {
        items: {
          movie: {
            id: string;
            slug: string;
            name: string;
            year: number;
            time: number;
            imdb: number;
            price: {
              amount: number;
              currency: string;
            } | null;
            status: 'in_production' | 'post_production' | 'released';
            certification: {
              id: string;
              name: string;
            };
            genres: {
              id: string;
              name: string;
            }[];
            directors: {
              id: string;
              name: string;
            }[];
            countries: {
              id: string;
              name: string;
            }[];
            languages: {
              id: string;
              name: string;
            }[];
            releaseDate: string | null;
            votes: number;
            metaScore: number | null;
            gross: {
              amount: number;
              currency: string;
            } | null;
            budget: {
              amount: number;
              currency: string;
            } | null;
            posterUrl: string | null;
            trailer: string | null;
            ratingAverage: number | null;
            ratingCount: number;
            hasVideo: boolean;
            createdAt: Date;
            updatedAt: Date;
            stars: {
              id: string;
              name: string;
            }[];
          };
          progress: {
            position: number;
            duration: number;
            watchedAt: Date | null;
            updatedAt: Date;
          };
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
  };
  media: {
    /** Upload a video of a film. For moderators. REST: `POST /api/v1/movies/{movieId}/media`. */
    upload: TRPCMutationProcedure<{
      input: {
        movieId: string;
        kind: 'feature' | 'trailer';
        file: Blob;
      };
      output: {
        assetId: string;
      };
      meta: object;
    }>;
    /** The videos of a film, and how far the work on each has come. For moderators. REST: `GET /api/v1/movies/{movieId}/media`. */
    list: TRPCQueryProcedure<{
      input: {
        movieId: string;
      };
      output: {
        items: {
          id: string;
          kind: 'feature' | 'trailer';
          status: 'failed' | 'processing' | 'ready' | 'uploading';
          progress: number;
          error: string | null;
          originalName: string | null;
          sizeBytes: number;
          probe: {
            duration: number | null;
            width: number | null;
            height: number | null;
            videoCodec: string | null;
            audioCodec: string | null;
            bitrate: number | null;
          };
          files: {
            kind: 'hls' | 'mp4' | 'source' | 'storyboard' | 'track';
            count: number;
            sizeBytes: number;
          }[];
          tracks: {
            language: string;
            label: string;
          }[];
          createdAt: Date;
        }[];
      };
      meta: object;
    }>;
    /** Take a video away from a film. For moderators. REST: `DELETE /api/v1/movies/{movieId}/media/{assetId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        movieId: string;
        assetId: string;
      };
      output: void;
      meta: object;
    }>;
    /** Give a video captions. For moderators. REST: `PUT /api/v1/movies/{movieId}/media/{assetId}/tracks/{language}`. */
    addTrack: TRPCMutationProcedure<{
      input: {
        movieId: string;
        assetId: string;
        language: string;
        label?: string | undefined;
        file: Blob;
      };
      output: {
        language: string;
        label: string;
      };
      meta: object;
    }>;
    /** Take captions away from a video. For moderators. REST: `DELETE /api/v1/movies/{movieId}/media/{assetId}/tracks/{language}`. */
    deleteTrack: TRPCMutationProcedure<{
      input: {
        movieId: string;
        assetId: string;
        language: string;
      };
      output: void;
      meta: object;
    }>;
  };
  notifications: {
    /** What you were told, newest first. Needs a session. REST: `GET /api/v1/notifications`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        unreadOnly?: boolean | undefined;
      };
      output: {
        items: {
          id: string;
          kind: 'comment_like' | 'comment_reply' | 'movie_in_carts' | 'movie_left_cart';
          text: string;
          link: string | null;
          createdAt: Date;
          readAt: Date | null;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
      };
      meta: object;
    }>;
    /** How many notifications you have not read. Needs a session. REST: `GET /api/v1/notifications/unread-count`. */
    unreadCount: TRPCQueryProcedure<{
      input: void;
      output: {
        count: number;
      };
      meta: object;
    }>;
    /** Mark a notification as read. Needs a session. REST: `PATCH /api/v1/notifications/{notificationId}`. */
    markRead: TRPCMutationProcedure<{
      input: {
        notificationId: string;
        read?: true | undefined;
      };
      output: void;
      meta: object;
    }>;
    /** Mark all notifications as read. Needs a session. REST: `POST /api/v1/notifications/read-all`. */
    markAllRead: TRPCMutationProcedure<{
      input: void;
      output: void;
      meta: object;
    }>;
    /** Delete a notification. Needs a session. REST: `DELETE /api/v1/notifications/{notificationId}`. */
    delete: TRPCMutationProcedure<{
      input: {
        notificationId: string;
      };
      output: void;
      meta: object;
    }>;
    /** How you are told, by kind. Needs a session. REST: `GET /api/v1/notifications/preferences`. */
    preferences: TRPCQueryProcedure<{
      input: void;
      output: {
        comment_reply: {
          inApp: boolean;
          email: boolean;
        };
        comment_like: {
          inApp: boolean;
          email: boolean;
        };
        movie_left_cart: {
          inApp: boolean;
          email: boolean;
        };
        movie_in_carts: {
          email: boolean;
          inApp: true;
        };
      };
      meta: object;
    }>;
    /** Set how you are told, by kind. Needs a session. REST: `PUT /api/v1/notifications/preferences`. */
    setPreferences: TRPCMutationProcedure<{
      input: {
        comment_reply?: {
          inApp: boolean;
          email: boolean;
        } | undefined;
        comment_like?: {
          inApp: boolean;
          email: boolean;
        } | undefined;
        movie_left_cart?: {
          inApp: boolean;
          email: boolean;
        } | undefined;
        movie_in_carts?: {
          email: boolean;
          inApp: true;
        } | undefined;
      };
      output: {
        comment_reply: {
          inApp: boolean;
          email: boolean;
        };
        comment_like: {
          inApp: boolean;
          email: boolean;
        };
        movie_left_cart: {
          inApp: boolean;
          email: boolean;
        };
        movie_in_carts: {
          email: boolean;
          inApp: true;
        };
      };
      meta: object;
    }>;
    /** Get the ticket that opens one stream of notifications. Needs a session. REST: `POST /api/v1/notifications/ticket`. */
    ticket: TRPCMutationProcedure<{
      input: {
        lastEventId?: string | undefined;
      };
      output: {
        ticket: string;
        expiresIn: number;
        lastEventId: string;
      };
      meta: object;
    }>;
    /** Hear at once what you are told. Needs a session. */
    onNew: TRPCSubscriptionProcedure<{
      input: {
        lastEventId?: string | undefined;
      } | undefined;
      output: AsyncIterable<{
        id: string;
        data: {
          id: string;
          kind: 'comment_like' | 'comment_reply' | 'movie_in_carts' | 'movie_left_cart';
          text: string;
          link: string | null;
          createdAt: Date;
          readAt: Date | null;
        };
      }, void, unknown>;
      meta: object;
    }>;
  };
  admin: {
    jobs: {
      /** The queues and their jobs, newest first. For admins. REST: `GET /api/v1/admin/jobs`. */
      list: TRPCQueryProcedure<{
        input: {
          limit?: number | undefined;
          direction?: 'forward' | undefined;
          cursor?: string | undefined;
          queue?: string | undefined;
          state?: 'active' | 'canceled' | 'completed' | 'dead' | 'failed' | 'retrying' | 'waiting' | undefined;
        };
        output: {
          items: {
            id: string;
            queue: string;
            state: 'active' | 'canceled' | 'completed' | 'dead' | 'failed' | 'retrying' | 'waiting';
            payload: string | null;
            tries: number;
            createdAt: Date;
            startsAt: Date;
            startedAt: Date | null;
            completedAt: Date | null;
            error: string | null;
          }[];
          nextCursor: string | null;
          total: number | null;
          totalIsCapped?: true | undefined;
          queues: {
            name: string;
            waiting: number;
            active: number;
            failed: number;
            dead: number;
          }[];
        };
        meta: object;
      }>;
      /** Have a job tried again now. For admins. REST: `POST /api/v1/admin/jobs/{jobId}/retry`. */
      retry: TRPCMutationProcedure<{
        input: {
          jobId: string;
        };
        output: {
          id: string;
          queue: string;
          state: 'active' | 'canceled' | 'completed' | 'dead' | 'failed' | 'retrying' | 'waiting';
          payload: string | null;
          tries: number;
          createdAt: Date;
          startsAt: Date;
          startedAt: Date | null;
          completedAt: Date | null;
          error: string | null;
        };
        meta: object;
      }>;
      /** Throw away a job that waits or failed. For admins. REST: `POST /api/v1/admin/jobs/{jobId}/discard`. */
      discard: TRPCMutationProcedure<{
        input: {
          jobId: string;
        };
        output: void;
        meta: object;
      }>;
      /** Run a clean-up now. For admins. REST: `POST /api/v1/admin/jobs/run`. */
      run: TRPCMutationProcedure<{
        input: {
          name: 'accounts.clean-up' | 'accounts.sweep-avatars' | 'catalogue.sweep-imports' | 'catalogue.sweep-posters' | 'community.recount' | 'limits.delete-expired' | 'media.clean-up' | 'media.sweep' | 'notifications.clean-up' | 'notifications.digest' | 'orders.expire' | 'payments.reconcile' | 'payments.sweep' | 'playback.clean-up' | 'privacy.clean-up' | 'privacy.delete-due-accounts' | 'recommendations.for-me' | 'recommendations.trending';
        };
        output: {
          jobId: string;
        };
        meta: object;
      }>;
    };
    orders: {
      /** Everybody's orders, newest first. For moderators. REST: `GET /api/v1/admin/orders`. */
      list: TRPCQueryProcedure<{
        input: {
          limit?: number | undefined;
          direction?: 'forward' | undefined;
          cursor?: string | undefined;
          userId?: string | undefined;
          email?: string | undefined;
          from?: string | undefined;
          to?: string | undefined;
          status?: 'canceled' | 'paid' | 'pending' | 'refunded' | undefined;
        };
        output: {
          items: {
            id: string;
            number: number;
            status: 'canceled' | 'paid' | 'pending' | 'refunded';
            buyer: {
              id: string;
              email: string;
            } | null;
            items: {
              movieId: string;
              slug: string;
              name: string;
              year: number;
              price: {
                amount: number;
                currency: string;
              };
              discount: {
                amount: number;
                currency: string;
              };
            }[];
            promo: string | null;
            subtotal: {
              amount: number;
              currency: string;
            };
            discount: {
              amount: number;
              currency: string;
            };
            total: {
              amount: number;
              currency: string;
            };
            refunded: {
              amount: number;
              currency: string;
            };
            payment: {
              stripeSessionId: string | null;
              stripePaymentIntentId: string | null;
              declineCode: string | null;
              reviewReason: string | null;
              id: string;
              status: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful';
              gateway: 'none' | 'stripe';
              createdAt: Date;
            } | null;
            needsReview: boolean;
            createdAt: Date;
            expiresAt: Date | null;
            paidAt: Date | null;
            canceledAt: Date | null;
          }[];
          nextCursor: string | null;
          total: number | null;
          totalIsCapped?: true | undefined;
        };
        meta: object;
      }>;
      /** Everybody's orders as a file, newest first. For moderators. REST: `GET /api/v1/admin/orders/export`. */
      export: TRPCQueryProcedure<{
        input: {
          userId?: string | undefined;
          email?: string | undefined;
          from?: string | undefined;
          to?: string | undefined;
          status?: 'canceled' | 'paid' | 'pending' | 'refunded' | undefined;
          format?: 'csv' | undefined;
        };
        output: AsyncIterable<string>;
        meta: object;
      }>;
    };
    payments: {
      /** Pay a payment back, or some of its films. For admins. REST: `POST /api/v1/admin/payments/{paymentId}/refund`. */
      refund: TRPCMutationProcedure<{
        input: {
          paymentId: string;
          movieIds?: string[] | undefined;
          reason: string;
        };
        output: {
          id: string;
          orderId: string;
          paymentId: string;
          status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
          origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
          amount: {
            amount: number;
            currency: string;
          };
          movieIds: string[];
          reason: string;
          note: string | null;
          number: number | null;
          createdAt: Date;
          finishedAt: Date | null;
        };
        meta: object;
      }>;
      /** Everybody's payments, newest first. For moderators. REST: `GET /api/v1/admin/payments`. */
      list: TRPCQueryProcedure<{
        input: {
          limit?: number | undefined;
          direction?: 'forward' | undefined;
          cursor?: string | undefined;
          userId?: string | undefined;
          email?: string | undefined;
          from?: string | undefined;
          to?: string | undefined;
          status?: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful' | undefined;
          needsReview?: boolean | undefined;
        };
        output: {
          items: {
            stripeSessionId: string | null;
            stripePaymentIntentId: string | null;
            declineCode: string | null;
            reviewReason: string | null;
            id: string;
            orderId: string;
            orderNumber: number;
            status: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful';
            buyer: {
              id: string;
              email: string;
            } | null;
            amount: {
              amount: number;
              currency: string;
            };
            taken?: {
              amount: number;
              currency: string;
            } | undefined;
            refunded: {
              amount: number;
              currency: string;
            };
            gateway: 'none' | 'stripe';
            receiptNumber: number | null;
            refunds: {
              id: string;
              orderId: string;
              paymentId: string;
              status: 'failed' | 'pending' | 'rejected' | 'requested' | 'succeeded';
              origin: 'buyer' | 'dashboard' | 'dispute' | 'staff' | 'system';
              amount: {
                amount: number;
                currency: string;
              };
              movieIds: string[];
              reason: string;
              note: string | null;
              number: number | null;
              createdAt: Date;
              finishedAt: Date | null;
            }[];
            createdAt: Date;
            closedAt: Date | null;
          }[];
          nextCursor: string | null;
          total: number | null;
          totalIsCapped?: true | undefined;
        };
        meta: object;
      }>;
      /** Everybody's payments as a file, newest first. For moderators. REST: `GET /api/v1/admin/payments/export`. */
      export: TRPCQueryProcedure<{
        input: {
          userId?: string | undefined;
          email?: string | undefined;
          from?: string | undefined;
          to?: string | undefined;
          status?: 'canceled' | 'declined' | 'partially_refunded' | 'pending' | 'refunded' | 'successful' | undefined;
          needsReview?: boolean | undefined;
          format?: 'csv' | undefined;
        };
        output: AsyncIterable<string>;
        meta: object;
      }>;
    };
    carts: {
      /** The cart of a user. For admins. REST: `GET /api/v1/admin/users/{userId}/cart`. */
      get: TRPCQueryProcedure<{
        input: {
          userId: string;
        };
        output: {
          items: {
            movie: {
              id: string;
              slug: string;
              name: string;
              year: number;
              genres: {
                id: string;
                name: string;
              }[];
              posterUrl: string | null;
            };
            price: {
              amount: number;
              currency: string;
            } | null;
            addedAt: Date;
            available: boolean;
          }[];
          promo: {
            code: string;
            why: 'below_minimum' | 'ended' | 'no_matching_film' | 'not_started' | 'used_by_you' | 'used_up' | 'wrong_currency' | null;
          } | null;
          subtotal: {
            amount: number;
            currency: string;
          };
          discount: {
            amount: number;
            currency: string;
          };
          total: {
            amount: number;
            currency: string;
          };
        };
        meta: object;
      }>;
    };
    analytics: {
      /** What was sold, by day, film or genre. For moderators. REST: `GET /api/v1/admin/analytics/sales`. */
      sales: TRPCQueryProcedure<{
        input: {
          from?: string | undefined;
          to?: string | undefined;
          by?: 'day' | 'genre' | 'movie' | undefined;
        };
        output: {
          from: string;
          to: string;
          timeZone: string;
          totals: {
            revenue: {
              amount: number;
              currency: string;
            };
            refunds: {
              amount: number;
              currency: string;
            };
            net: {
              amount: number;
              currency: string;
            };
            orders: number;
            items: number;
            placed: number;
            converted: number;
            conversion: number | null;
          }[];
          by: 'day';
          rows: {
            revenue: {
              amount: number;
              currency: string;
            };
            refunds: {
              amount: number;
              currency: string;
            };
            net: {
              amount: number;
              currency: string;
            };
            orders: number;
            items: number;
            placed: number;
            converted: number;
            conversion: number | null;
            day: string;
          }[];
        } | {
          from: string;
          to: string;
          timeZone: string;
          totals: {
            revenue: {
              amount: number;
              currency: string;
            };
            refunds: {
              amount: number;
              currency: string;
            };
            net: {
              amount: number;
              currency: string;
            };
            orders: number;
            items: number;
            placed: number;
            converted: number;
            conversion: number | null;
          }[];
          rowsAreCapped?: true | undefined;
          by: 'movie';
          rows: {
            revenue: {
              amount: number;
              currency: string;
            };
            refunds: {
              amount: number;
              currency: string;
            };
            net: {
              amount: number;
              currency: string;
            };
            orders: number;
            items: number;
            placed: number;
            converted: number;
            conversion: number | null;
            movie: {
              id: string;
              slug: string;
              name: string;
              year: number;
            };
          }[];
        } | {
          from: string;
          to: string;
          timeZone: string;
          totals: {
            revenue: {
              amount: number;
              currency: string;
            };
            refunds: {
              amount: number;
              currency: string;
            };
            net: {
              amount: number;
              currency: string;
            };
            orders: number;
            items: number;
            placed: number;
            converted: number;
            conversion: number | null;
          }[];
          rowsAreCapped?: true | undefined;
          by: 'genre';
          rows: {
            revenue: {
              amount: number;
              currency: string;
            };
            refunds: {
              amount: number;
              currency: string;
            };
            net: {
              amount: number;
              currency: string;
            };
            orders: number;
            items: number;
            placed: number;
            converted: number;
            conversion: number | null;
            genre: {
              id: string;
              name: string;
            } | null;
          }[];
        };
        meta: object;
      }>;
      /** What was sold, as a file. For moderators. REST: `GET /api/v1/admin/analytics/sales/export`. */
      exportSales: TRPCQueryProcedure<{
        input: {
          from?: string | undefined;
          to?: string | undefined;
          by?: 'day' | 'genre' | 'movie' | undefined;
          format?: 'csv' | undefined;
        };
        output: AsyncIterable<string>;
        meta: object;
      }>;
    };
    users: {
      /** Give a user a film. For admins. REST: `PUT /api/v1/admin/users/{userId}/library/{movieId}`. */
      grantMovie: TRPCMutationProcedure<{
        input: {
          userId: string;
          movieId: string;
          reason: string;
        };
        output: void;
        meta: object;
      }>;
      /** Take a film back that was given. For admins. REST: `DELETE /api/v1/admin/users/{userId}/library/{movieId}`. */
      revokeMovie: TRPCMutationProcedure<{
        input: {
          userId: string;
          movieId: string;
          reason: string;
        };
        output: void;
        meta: object;
      }>;
      /** The users, newest first. For admins. REST: `GET /api/v1/admin/users`. */
      list: TRPCQueryProcedure<{
        input: {
          limit?: number | undefined;
          direction?: 'forward' | undefined;
          cursor?: string | undefined;
          query?: string | undefined;
          role?: 'admin' | 'moderator' | 'user' | undefined;
          isActive?: boolean | undefined;
        };
        output: {
          items: {
            id: string;
            email: string;
            role: 'admin' | 'moderator' | 'user';
            isActive: boolean;
            activatedAt: Date | null;
            closedAt: Date | null;
            createdAt: Date;
            firstName: string | null;
            lastName: string | null;
          }[];
          nextCursor: string | null;
          total: number | null;
          totalIsCapped?: true | undefined;
        };
        meta: object;
      }>;
      /** A user with sessions and purchases. For admins. REST: `GET /api/v1/admin/users/{userId}`. */
      get: TRPCQueryProcedure<{
        input: {
          userId: string;
        };
        output: {
          id: string;
          email: string;
          role: 'admin' | 'moderator' | 'user';
          isActive: boolean;
          activatedAt: Date | null;
          closedAt: Date | null;
          createdAt: Date;
          firstName: string | null;
          lastName: string | null;
          sessions: {
            id: string;
            userAgent: string | null;
            ip: string | null;
            createdAt: Date;
            lastUsedAt: Date;
          }[];
          purchases: {
            movieId: string;
            slug: string;
            name: string;
            year: number;
            price: {
              amount: number;
              currency: string;
            };
            orderId: string;
            orderNumber: number;
            boughtAt: Date;
          }[];
          purchaseCount: number;
          spend: {
            amount: number;
            currency: string;
          }[];
        };
        meta: object;
      }>;
      /** Give somebody an account. For admins. REST: `POST /api/v1/admin/users`. */
      create: TRPCMutationProcedure<{
        input: {
          email: string;
          role: 'admin' | 'moderator' | 'user';
        };
        output: {
          id: string;
          email: string;
          role: 'admin' | 'moderator' | 'user';
          isActive: boolean;
          activatedAt: Date | null;
          closedAt: Date | null;
          createdAt: Date;
          firstName: string | null;
          lastName: string | null;
        };
        meta: object;
      }>;
      /** Open an account. For admins. REST: `POST /api/v1/admin/users/{userId}/activate`. */
      activate: TRPCMutationProcedure<{
        input: {
          userId: string;
        };
        output: {
          id: string;
          email: string;
          role: 'admin' | 'moderator' | 'user';
          isActive: boolean;
          activatedAt: Date | null;
          closedAt: Date | null;
          createdAt: Date;
          firstName: string | null;
          lastName: string | null;
        };
        meta: object;
      }>;
      /** Close an account and end its sessions, or take an invitation back. For admins. REST: `POST /api/v1/admin/users/{userId}/deactivate`. */
      deactivate: TRPCMutationProcedure<{
        input: {
          userId: string;
        };
        output: {
          id: string;
          email: string;
          role: 'admin' | 'moderator' | 'user';
          isActive: boolean;
          activatedAt: Date | null;
          closedAt: Date | null;
          createdAt: Date;
          firstName: string | null;
          lastName: string | null;
        };
        meta: object;
      }>;
      /** Give a user another role. For admins. REST: `POST /api/v1/admin/users/{userId}/change-role`. */
      changeRole: TRPCMutationProcedure<{
        input: {
          userId: string;
          role: 'admin' | 'moderator' | 'user';
        };
        output: {
          id: string;
          email: string;
          role: 'admin' | 'moderator' | 'user';
          isActive: boolean;
          activatedAt: Date | null;
          closedAt: Date | null;
          createdAt: Date;
          firstName: string | null;
          lastName: string | null;
        };
        meta: object;
      }>;
      /** Switch off the two-factor login of who lost it. For admins. REST: `POST /api/v1/admin/users/{userId}/reset-totp`. */
      resetTotp: TRPCMutationProcedure<{
        input: {
          userId: string;
          reason?: string | undefined;
        };
        output: {
          id: string;
          email: string;
          role: 'admin' | 'moderator' | 'user';
          isActive: boolean;
          activatedAt: Date | null;
          closedAt: Date | null;
          createdAt: Date;
          firstName: string | null;
          lastName: string | null;
        };
        meta: object;
      }>;
    };
    audit: {
      /** What the staff did, newest first. For admins. REST: `GET /api/v1/admin/audit`. */
      list: TRPCQueryProcedure<{
        input: {
          limit?: number | undefined;
          direction?: 'forward' | undefined;
          cursor?: string | undefined;
          actorId?: string | undefined;
          targetId?: string | undefined;
          action?: string | undefined;
        };
        output: {
          items: {
            id: string;
            at: Date;
            actor: {
              id: string;
              role: 'admin' | 'moderator' | 'user';
              email: string | null;
            } | null;
            action: string;
            target: {
              kind: string;
              id: string;
            };
            ip: string | null;
            details: Record<string, string | number | boolean | null>;
          }[];
          nextCursor: string | null;
          total: number | null;
          totalIsCapped?: true | undefined;
        };
        meta: object;
      }>;
    };
  };
}>;

// Generated from apps/server/src/client-router.ts: run `pnpm generate`, do not edit.
import type { TRPCBuiltRouter, TRPCMutationProcedure, TRPCQueryProcedure } from '@trpc/server';

/** Why the cinema refused: what to branch on. The message is for people and may change. */
export type ErrorReason =
  | 'already_active'
  | 'already_in_cart'
  | 'already_owned'
  | 'bearer_required'
  | 'cart_empty'
  | 'conflict'
  | 'email_taken'
  | 'gateway_unavailable'
  | 'in_pending_order'
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
  | 'no_video'
  | 'not_active'
  | 'not_allowed'
  | 'not_authenticated'
  | 'not_for_sale'
  | 'not_found'
  | 'not_in_cart'
  | 'not_owned'
  | 'nothing_to_order'
  | 'order_not_pending'
  | 'own_role'
  | 'own_totp'
  | 'password_required'
  | 'payload_too_large'
  | 'price_changed'
  | 'range_not_satisfiable'
  | 'request_timeout'
  | 'same_password'
  | 'too_many_requests'
  | 'totp_already_enabled'
  | 'totp_not_enabled'
  | 'totp_not_set_up'
  | 'totp_required'
  | 'totp_setup_required'
  | 'unavailable'
  | 'unsupported_image'
  | 'unsupported_media_type'
  | 'weak_password'
  | 'wrong_password';

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
    /** Search and browse the films. REST: `GET /api/v1/movies`. */
    list: TRPCQueryProcedure<{
      input: {
        limit?: number | undefined;
        direction?: 'forward' | undefined;
        cursor?: string | undefined;
        query?: string | undefined;
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
          posterUrl: string | null;
          ratingAverage: number | null;
          ratingCount: number;
          hasVideo: boolean;
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
        posterUrl: string | null;
        ratingAverage: number | null;
        ratingCount: number;
        hasVideo: boolean;
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
        description: string;
        stars: {
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
        trailer: string | null;
        likeCount: number;
        dislikeCount: number;
        favoriteCount: number;
        commentCount: number;
        createdAt: Date;
        updatedAt: Date;
        owned?: boolean | undefined;
        inCart?: boolean | undefined;
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
            posterUrl: string | null;
          }[];
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
            createdAt: Date;
          } | null;
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
            posterUrl: string | null;
          }[];
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
            createdAt: Date;
          } | null;
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
          posterUrl: string | null;
        }[];
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
          createdAt: Date;
        } | null;
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
          createdAt: Date;
        }[];
        nextCursor: string | null;
        total: number | null;
        totalIsCapped?: true | undefined;
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
            posterUrl: string | null;
            ratingAverage: number | null;
            ratingCount: number;
            hasVideo: boolean;
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
      };
      output: {
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
    /** Start to watch a trailer. REST: `POST /api/v1/movies/{movieId}/trailer/play`. */
    trailer: TRPCMutationProcedure<{
      input: {
        movieId: string;
      };
      output: {
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
      };
      output: void;
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
          name: 'accounts.clean-up' | 'accounts.sweep-avatars' | 'limits.delete-expired' | 'privacy.clean-up' | 'privacy.delete-due-accounts';
        };
        output: {
          jobId: string;
        };
        meta: object;
      }>;
    };
    users: {
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

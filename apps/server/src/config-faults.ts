import type { z } from 'zod';
import { isStorageUrl } from './config-values.ts';

/** Stands in when nothing is set, so that a first start needs no secrets; refused in production. */
export const DEVELOPMENT_TOKEN_SECRET = 'development-only-token-secret-never-use-it-elsewhere';
/** The key of the simulated gateway, and the sign that it is meant; refused in production. */
export const DEVELOPMENT_STRIPE_KEY = 'sk_test_simulator';
/** What the simulated gateway signs its webhooks with; refused in production. */
export const DEVELOPMENT_WEBHOOK_SECRET = 'whsec_simulator';

/** What the environment names, and is not empty. */
type Present = Record<string, string | undefined>;

/** Finds what production must not start with. */
export function findDevelopmentValues(env: Present): z.core.$ZodIssue[] {
  const faults: Record<string, string | false> = {
    TOKEN_SECRET:
      (isDevelopment(env['TOKEN_SECRET'], DEVELOPMENT_TOKEN_SECRET) && 'needs a secret of its own in production') ||
      (isMonotonous(env['TOKEN_SECRET'] ?? '') && 'is too easy to guess: openssl rand -base64 48'),
    JWT_PRIVATE_KEYS: !env['JWT_PRIVATE_KEYS'] && 'needs a key in production: openssl genpkey -algorithm ed25519',
    PUBLIC_URL:
      (!env['PUBLIC_URL'] && 'must be set in production: links in mails use it') ||
      (!env['PUBLIC_URL']?.startsWith('https://') && 'must begin with https:// in production'),
    RATE_LIMITS: env['RATE_LIMITS'] === 'off' && 'must be on in production: passwords would be free to guess',
    SMTP_URL: !env['SMTP_URL'] && 'must be set in production: who registers needs a mail',
    STRIPE_SECRET_KEY:
      !/^(sk|rk)_live_\w+$/.test(env['STRIPE_SECRET_KEY'] ?? '') &&
      'must be a live key in production: sk_live_… or rk_live_…',
    STRIPE_WEBHOOK_SECRETS:
      !(env['STRIPE_WEBHOOK_SECRETS'] ?? '').split(',').every((secret) => /^whsec_\S{20,}$/.test(secret.trim())) &&
      'must be set in production, each as Stripe gives it: whsec_…',
  };
  return Object.entries(faults).flatMap(([name, message]) =>
    message ? [{ code: 'custom' as const, path: [name], message, input: undefined }] : [],
  );
}

function isDevelopment(value: string | undefined, development: string): boolean {
  return value === undefined || value.split(',').some((part) => part.trim() === development);
}

// Long enough, and yet a few characters over and over.
function isMonotonous(secret: string): boolean {
  return secret.length >= 32 && new Set(secret).size < 10;
}

const DKIM = ['DKIM_DOMAIN', 'DKIM_SELECTOR', 'DKIM_PRIVATE_KEY'];

/** Finds what is wanted together with what is there. */
export function findMissingKeys(env: Present): z.core.$ZodIssue[] {
  const storageUrl = env['STORAGE_URL'] ?? '';
  const isOnS3 = storageUrl.startsWith('s3:') && isStorageUrl(storageUrl);
  const isSigned = DKIM.some((name) => env[name] !== undefined);
  const missing = (names: string[], message: string): z.core.$ZodIssue[] =>
    names
      .filter((name) => env[name] === undefined)
      .map((name) => ({ code: 'custom', path: [name], message, input: undefined }));
  return [
    ...(isOnS3 ? missing(['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY'], 'must be set for storage on S3') : []),
    ...(isSigned
      ? missing(DKIM, `must be set too: mails are signed with all of ${DKIM.join(', ')}, or not at all`)
      : []),
  ];
}

import { z } from 'zod';
import {
  DEVELOPMENT_STRIPE_KEY,
  DEVELOPMENT_TOKEN_SECRET,
  DEVELOPMENT_WEBHOOK_SECRET,
  findDevelopmentValues,
  findMissingKeys,
} from './config-faults.ts';
import {
  DOMAIN_NAME,
  flag,
  integer,
  isCurrency,
  isOrigin,
  isStorageUrl,
  isTimeZone,
  list,
  namesProxies,
  SENDER,
  url,
} from './config-values.ts';
import { type Dkim, faultOfDkimKey, readDkimKey } from './lib/dkim.ts';
import { areSigningKeys } from './lib/signing-keys.ts';
import type { TracingOptions } from './lib/tracing.ts';

const DatabaseUrl = url('postgres:', 'postgresql:');
const SAMPLERS = ['always_on', 'always_off', 'traceidratio'] as const;
const Env = z
  .object({
    NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
    PORT: integer(0, 65_535).default(8000),
    HOST: z.string().default('localhost'),
    PUBLIC_URL: url('http:', 'https:')
      .refine((value) => !/[?#@]/.test(value), 'must have no query, no fragment and no user')
      .optional(),
    DATABASE_URL: DatabaseUrl,
    DATABASE_REPLICA_URL: DatabaseUrl.optional(),
    DATABASE_POOL: integer(2, 500).default(10),
    DATABASE_PREPARED_STATEMENTS: z.enum(['on', 'off']).default('on'),
    ANSWER_MEMORY_MB: integer(0, 4_096).default(32),
    OVERLOAD_DELAY_MS: integer(0, 60_000).default(1_000),
    DATA_DIR: z.string().default('.data'),
    PROCESS: z.enum(['all', 'api', 'worker']).default('all'),
    JWT_PRIVATE_KEYS: z.string().refine(areSigningKeys, 'must be Ed25519 private keys in PEM').optional(),
    TOKEN_SECRET: z.string().min(32, 'must have at least 32 characters').default(DEVELOPMENT_TOKEN_SECRET),
    ACCESS_TOKEN_TTL_MIN: integer(1, 1_440).default(15),
    REFRESH_TOKEN_TTL_DAYS: integer(1, 365).default(7),
    SESSION_MAX_DAYS: integer(1, 3_650).default(30),
    REFRESH_GRACE_SECONDS: integer(0, 300).default(10),
    ACTIVATION_TOKEN_TTL_HOURS: integer(1, 720).default(24),
    PASSWORD_RESET_TOKEN_TTL_HOURS: integer(1, 720).default(24),
    TOKEN_CLEANUP_INTERVAL: integer(60, 86_400).default(3_600),
    PASSWORD_POLICY: z.enum(['strict', 'basic']).default('strict'),
    RATE_LIMITS: z.enum(['on', 'off']).default('on'),
    LOGINS_PER_MINUTE: integer(1, 10_000).default(20),
    REGISTRATIONS_PER_MINUTE: integer(1, 10_000).default(60),
    REGISTRATIONS_PER_DAY: integer(1, 10_000).default(1000),
    REQUIRE_STAFF_TOTP: flag.default(false),
    MIN_AGE: integer(0, 100).default(18),
    SMTP_URL: url('smtp:', 'smtps:').default('smtp://127.0.0.1:1025'),
    MAIL_FROM: z
      .string()
      .regex(SENDER, 'must be an address, or a name and an address: Online Cinema <cinema@cinema.example>')
      .default('Online Cinema <cinema@cinema.example>'),
    DKIM_DOMAIN: z.string().regex(DOMAIN_NAME, 'must be a domain like cinema.example').optional(),
    DKIM_SELECTOR: z.string().regex(DOMAIN_NAME, 'must be a name like mail2026').optional(),
    DKIM_PRIVATE_KEY: z
      .string()
      .refine((pem) => faultOfDkimKey(pem) === null, { error: ({ input }) => faultOfDkimKey(String(input)) ?? '' })
      .optional(),
    STRIPE_SECRET_KEY: z.string().min(1).default(DEVELOPMENT_STRIPE_KEY),
    STRIPE_WEBHOOK_SECRETS: list
      .pipe(z.array(z.string()).min(1, 'must name a secret'))
      .default([DEVELOPMENT_WEBHOOK_SECRET]),
    STRIPE_API_URL: url('http:', 'https:').optional(),
    CURRENCY: z
      .string()
      .refine(isCurrency, 'must be an ISO 4217 code like USD; not ISK or UGX, which Stripe counts otherwise')
      .default('USD'),
    ORDER_PENDING_MINUTES: integer(1, 1_440).default(60),
    SHOP_TIME_ZONE: z.string().refine(isTimeZone, 'must be a time zone like Europe/Kyiv').default('UTC'),
    SELLER_NAME: z.string().max(200).default('Online Cinema'),
    SELLER_ADDRESS: z.string().max(500).default(''),
    SELLER_TAX_ID: z.string().max(100).default(''),
    TAX_RATE_PERCENT: z
      .string()
      .regex(/^\d{1,2}(\.\d{1,2})?$/, 'must be a percentage below 100, like 19 or 8.1')
      .transform(Number)
      .default(0),
    STORAGE_URL: z
      .string()
      .refine(isStorageUrl, 'must be file:<folder> or s3://<bucket>?endpoint=<address>&region=<region>')
      .optional(),
    MEDIA_MAX_BYTES: z
      .string()
      .regex(/^\d{1,15}$/, 'must be a whole number')
      .transform(Number)
      .pipe(z.number().min(1))
      .default(20_000_000_000),
    FFMPEG_PATH: z.string().default('ffmpeg'),
    FFPROBE_PATH: z.string().default('ffprobe'),
    PATH: z.string().default('/usr/local/bin:/usr/bin:/bin'),
    S3_ACCESS_KEY_ID: z.string().optional(),
    S3_SECRET_ACCESS_KEY: z.string().optional(),
    MAX_STREAMS: integer(1, 1_000).default(3),
    MEDIA_GRANT_SECONDS: integer(5, 604_800).optional(),
    DOCS_ACCESS: z.enum(['public', 'authenticated']).optional(),
    CORS_ORIGINS: list
      .refine((origins) => origins.every(isOrigin), 'must be origins like https://cinema.example, separated by commas')
      .default([]),
    TRUST_PROXY: z
      .string()
      .refine(namesProxies, 'must be true, false, a number of proxies, or their addresses separated by commas')
      .default(''),
    METRICS_PORT: integer(0, 65_535).optional(),
    METRICS_HOST: z.string().default('127.0.0.1'),
    OTEL_SDK_DISABLED: flag.default(false),
    OTEL_EXPORTER_OTLP_ENDPOINT: url('http:', 'https:').optional(),
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url('http:', 'https:').optional(),
    OTEL_TRACES_SAMPLER: z
      .enum([...SAMPLERS, ...SAMPLERS.map((name) => `parentbased_${name}` as const)])
      .default('parentbased_always_on'),
    OTEL_TRACES_SAMPLER_ARG: z
      .string()
      .regex(/^(0|1|0?\.\d{1,9}|1\.0)$/, 'must be a number from 0 to 1')
      .transform(Number)
      .default(1),
    LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  })
  .transform((env) => ({
    isProduction: env.NODE_ENV === 'production',
    port: env.PORT,
    host: env.HOST,
    publicUrl: (env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).replace(/\/+$/, ''),
    databaseUrl: env.DATABASE_URL,
    replicaUrl: env.DATABASE_REPLICA_URL,
    databasePool: env.DATABASE_POOL,
    preparedStatements: env.DATABASE_PREPARED_STATEMENTS === 'on',
    answerMemoryMb: env.ANSWER_MEMORY_MB,
    overloadDelayMs: env.OVERLOAD_DELAY_MS,
    dataDir: env.DATA_DIR,
    process: env.PROCESS,
    jwtPrivateKeys: env.JWT_PRIVATE_KEYS,
    tokenSecret: env.TOKEN_SECRET,
    accessTokenTtlSeconds: env.ACCESS_TOKEN_TTL_MIN * 60,
    refreshTokenTtlSeconds: env.REFRESH_TOKEN_TTL_DAYS * 86_400,
    sessionMaxSeconds: env.SESSION_MAX_DAYS * 86_400,
    refreshGraceSeconds: env.REFRESH_GRACE_SECONDS,
    activationTtlSeconds: env.ACTIVATION_TOKEN_TTL_HOURS * 3_600,
    passwordResetTtlSeconds: env.PASSWORD_RESET_TOKEN_TTL_HOURS * 3_600,
    tokenCleanupSeconds: env.TOKEN_CLEANUP_INTERVAL,
    passwordPolicy: env.PASSWORD_POLICY,
    rateLimits: {
      areOn: env.RATE_LIMITS === 'on',
      loginsPerMinute: env.LOGINS_PER_MINUTE,
      registrationsPerMinute: env.REGISTRATIONS_PER_MINUTE,
      registrationsPerDay: env.REGISTRATIONS_PER_DAY,
    },
    smtpUrl: env.SMTP_URL,
    mailFrom: env.MAIL_FROM,
    dkim: readDkim(env),
    stripe: {
      secretKey: env.STRIPE_SECRET_KEY,
      webhookSecrets: env.STRIPE_WEBHOOK_SECRETS,
      // The simulator's key never leaves this machine; a real key goes to Stripe unless told otherwise.
      apiUrl:
        env.STRIPE_API_URL ??
        (env.STRIPE_SECRET_KEY === DEVELOPMENT_STRIPE_KEY ? 'http://127.0.0.1:12111' : 'https://api.stripe.com'),
      livemode: /^(sk|rk)_live_/.test(env.STRIPE_SECRET_KEY),
    },
    currency: env.CURRENCY,
    orderPendingSeconds: env.ORDER_PENDING_MINUTES * 60,
    shopTimeZone: env.SHOP_TIME_ZONE,
    seller: { name: env.SELLER_NAME, address: env.SELLER_ADDRESS, taxId: env.SELLER_TAX_ID },
    taxRatePercent: env.TAX_RATE_PERCENT,
    requireStaffTotp: env.REQUIRE_STAFF_TOTP,
    minAge: env.MIN_AGE,
    storageUrl: env.STORAGE_URL,
    s3: { accessKeyId: env.S3_ACCESS_KEY_ID ?? '', secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? '' },
    maxStreams: env.MAX_STREAMS,
    mediaGrantSeconds: env.MEDIA_GRANT_SECONDS,
    mediaMaxBytes: env.MEDIA_MAX_BYTES,
    ffmpeg: { ffmpegPath: env.FFMPEG_PATH, ffprobePath: env.FFPROBE_PATH, searchPath: env.PATH },
    docsAccess: env.DOCS_ACCESS ?? (env.NODE_ENV === 'production' ? ('authenticated' as const) : ('public' as const)),
    corsOrigins: env.CORS_ORIGINS,
    trustProxy: env.TRUST_PROXY,
    metricsPort: env.METRICS_PORT,
    metricsHost: env.METRICS_HOST,
    tracing: readTracing(env),
    logLevel: env.LOG_LEVEL,
  }));

/** Everything the environment decides. Times are in seconds; `publicUrl` has no slash at its end. */
export type Config = z.output<typeof Env>;

/** Reads the configuration, or throws one error that names every variable that is wrong. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  // An empty variable is an absent one: `.env` files and compose files cannot say it otherwise.
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const result = Env.safeParse(present);
  // Looked for in what was given: a refinement would be left out as soon as another variable is wrong.
  const unfit = [
    ...findMissingKeys(present),
    ...(present['NODE_ENV'] === 'production' ? findDevelopmentValues(present) : []),
  ];
  if (result.success && unfit.length === 0) return result.data;
  const issues = [...(result.error?.issues ?? []), ...unfit];
  throw new Error(`The environment is not right:\n${z.prettifyError(new z.ZodError(issues))}`);
}

/** Reads the little that a migration needs, or throws an error that names what is wrong. */
export function readDatabaseConfig(env: NodeJS.ProcessEnv): Pick<Config, 'databaseUrl'> {
  const result = z.object({ DATABASE_URL: DatabaseUrl }).safeParse({ DATABASE_URL: env['DATABASE_URL'] });
  if (!result.success) throw new Error(`The environment is not right:\n${z.prettifyError(result.error)}`);
  return { databaseUrl: result.data.DATABASE_URL };
}

function readDkim(env: {
  DKIM_DOMAIN?: string | undefined;
  DKIM_SELECTOR?: string | undefined;
  DKIM_PRIVATE_KEY?: string | undefined;
}): Dkim | undefined {
  const { DKIM_DOMAIN: domain, DKIM_SELECTOR: selector, DKIM_PRIVATE_KEY: key } = env;
  if (domain === undefined || selector === undefined || key === undefined) return undefined;
  return { domain, selector, privateKey: readDkimKey(key) };
}

// The names are OpenTelemetry's: the general address is that of a collector, the other one that of its traces.
function readTracing(env: {
  OTEL_SDK_DISABLED: boolean;
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  OTEL_TRACES_SAMPLER: TracingOptions['sampler'];
  OTEL_TRACES_SAMPLER_ARG: number;
}): TracingOptions | undefined {
  const collector = env.OTEL_EXPORTER_OTLP_ENDPOINT?.replace(/\/+$/, '');
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (collector && `${collector}/v1/traces`);
  if (endpoint === undefined || env.OTEL_SDK_DISABLED) return undefined;
  return { endpoint, sampler: env.OTEL_TRACES_SAMPLER, ratio: env.OTEL_TRACES_SAMPLER_ARG };
}

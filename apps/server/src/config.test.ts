import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { DEVELOPMENT_STRIPE_KEY, DEVELOPMENT_TOKEN_SECRET, DEVELOPMENT_WEBHOOK_SECRET } from './config-faults.ts';
import { readConfig, readDatabaseConfig } from './config.ts';

const DATABASE_URL = 'postgres://cinema:cinema@localhost/cinema';
const KEY = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL,
  PUBLIC_URL: 'https://cinema.example/',
  JWT_PRIVATE_KEYS: KEY,
  TOKEN_SECRET: 'a secret of forty characters, or even more',
  SMTP_URL: 'smtps://user:word@mail.example',
  // Put together here, so that no scanner takes them for real ones.
  STRIPE_SECRET_KEY: ['sk', 'live', 'example'].join('_'),
  STRIPE_WEBHOOK_SECRETS: `whsec_${'new'.repeat(8)}, whsec_${'old'.repeat(8)}`,
};

/** The variables that the refusal names, in its order. */
function faultsOf(env: NodeJS.ProcessEnv): string[] {
  const [first, ...faults] = refusalOf(env).split('\n');
  if (first !== '' && first !== 'The environment is not right:') throw new Error(first);
  return faults.flatMap((line) => /→ at (\w+)/.exec(line)?.[1] ?? []);
}

function refusalOf(env: NodeJS.ProcessEnv): string {
  try {
    readConfig(env);
    return '';
  } catch (error) {
    return String(error).replace(/^Error: /, '');
  }
}

test('a database is all that development must name', () => {
  expect(readConfig({ DATABASE_URL })).toEqual({
    isProduction: false,
    port: 8000,
    host: 'localhost',
    publicUrl: 'http://localhost:8000',
    databaseUrl: DATABASE_URL,
    replicaUrl: undefined,
    databasePool: 10,
    preparedStatements: true,
    answerMemoryMb: 32,
    overloadDelayMs: 1_000,
    dataDir: '.data',
    process: 'all',
    jwtPrivateKeys: undefined,
    tokenSecret: DEVELOPMENT_TOKEN_SECRET,
    accessTokenTtlSeconds: 15 * 60,
    refreshTokenTtlSeconds: 7 * 86_400,
    sessionMaxSeconds: 30 * 86_400,
    refreshGraceSeconds: 10,
    activationTtlSeconds: 86_400,
    passwordResetTtlSeconds: 86_400,
    tokenCleanupSeconds: 3_600,
    passwordPolicy: 'strict',
    rateLimits: { areOn: true, loginsPerMinute: 20, registrationsPerMinute: 60, registrationsPerDay: 1000 },
    requireStaffTotp: false,
    minAge: 18,
    mediaMaxBytes: 20_000_000_000,
    maxStreams: 3,
    mediaGrantSeconds: undefined,
    ffmpeg: { ffmpegPath: 'ffmpeg', ffprobePath: 'ffprobe', searchPath: '/usr/local/bin:/usr/bin:/bin' },
    smtpUrl: 'smtp://127.0.0.1:1025',
    mailFrom: 'Online Cinema <cinema@cinema.example>',
    dkim: undefined,
    stripe: {
      secretKey: DEVELOPMENT_STRIPE_KEY,
      webhookSecrets: [DEVELOPMENT_WEBHOOK_SECRET],
      apiUrl: 'http://127.0.0.1:12111',
      livemode: false,
    },
    currency: 'USD',
    orderPendingSeconds: 3_600,
    shopTimeZone: 'UTC',
    seller: { name: 'Online Cinema', address: '', taxId: '' },
    taxRatePercent: 0,
    storageUrl: undefined,
    s3: { accessKeyId: '', secretAccessKey: '' },
    docsAccess: 'public',
    corsOrigins: [],
    trustProxy: '',
    metricsPort: undefined,
    metricsHost: '127.0.0.1',
    tracing: undefined,
    logLevel: 'info',
  });
});

test('an empty variable is an absent one', () => {
  const empty = Object.fromEntries(Object.keys(PRODUCTION).map((name) => [name, '']));
  expect(readConfig({ ...empty, PORT: '', CORS_ORIGINS: '', TRUST_PROXY: '', DATABASE_URL })).toEqual(
    readConfig({ DATABASE_URL }),
  );
});

test('every wrong variable is named at once, and no value is told', () => {
  const env = {
    DATABASE_URL: 'mysql://root:hunter2@localhost',
    PORT: '99999',
    PUBLIC_URL: 'cinema.example',
    TOKEN_SECRET: 'hunter2',
    PASSWORD_POLICY: 'lax',
    ACCESS_TOKEN_TTL_MIN: '15m',
    SMTP_URL: 'http://mail.example',
    CURRENCY: 'usd',
  };
  expect(faultsOf(env).sort()).toEqual(Object.keys(env).sort());
  expect(() => readConfig(env)).not.toThrow('hunter2');
});

test('storage on S3 needs both of its keys, also beside other faults', () => {
  const env = { DATABASE_URL, STORAGE_URL: 's3://films?endpoint=https://s3.example&region=eu-west-1' };
  expect(faultsOf(env)).toEqual(['S3_ACCESS_KEY_ID', 'S3_SECRET_ACCESS_KEY']);
  expect(faultsOf({ ...env, S3_ACCESS_KEY_ID: 'id', PORT: 'x' })).toEqual(['PORT', 'S3_SECRET_ACCESS_KEY']);
  expect(readConfig({ ...env, S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'key' })).toMatchObject({
    storageUrl: env.STORAGE_URL,
    s3: { accessKeyId: 'id', secretAccessKey: 'key' },
  });
});

test('mails are signed with all that takes, or not at all', () => {
  const dkim = { DKIM_DOMAIN: 'cinema.example', DKIM_SELECTOR: 'mail2026', DKIM_PRIVATE_KEY: rsaKey() };
  for (const name of Object.keys(dkim)) {
    expect(faultsOf({ DATABASE_URL, ...dkim, [name]: '' }), name).toEqual([name]);
  }
  const { DKIM_PRIVATE_KEY: privateKey } = dkim;
  const config = readConfig({ DATABASE_URL, ...dkim, DKIM_PRIVATE_KEY: privateKey.replaceAll('\n', '\\n') });
  expect(config.dkim).toEqual({ domain: 'cinema.example', selector: 'mail2026', privateKey });
  expect(refusalOf({ DATABASE_URL, ...dkim, DKIM_PRIVATE_KEY: rsaKey(512) })).toContain('at least 1024 bits');
  for (const key of ['nonsense', KEY, privateKey.slice(0, 400)]) {
    expect(faultsOf({ DATABASE_URL, ...dkim, DKIM_PRIVATE_KEY: key })).toEqual(['DKIM_PRIVATE_KEY']);
  }
});

test.for([
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318' }, 'http://otel:4318/v1/traces'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example/otlp/' }, 'https://otel.example/otlp/v1/traces'],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://otel:4318/in' }, 'http://otel:4318/in'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318', OTEL_SDK_DISABLED: 'true' }, undefined],
] as const)('%j sends traces to %s', ([env, endpoint]) => {
  expect(readConfig({ DATABASE_URL, ...env }).tracing?.endpoint).toBe(endpoint);
});

test.for([
  ['PORT', ['-1', '80a', '1e3', '0x50', '65536', ' 80']],
  ['DATABASE_POOL', ['0', '1', '501']],
  [
    'PUBLIC_URL',
    ['ftp://cinema.example', 'https://cinema.example/?a=1', 'https://cinema.example/#a', 'https://me@cinema.example'],
  ],
  ['PROCESS', ['both']],
  ['NODE_ENV', ['staging']],
  ['JWT_PRIVATE_KEYS', ['nonsense', rsaKey(), `${KEY}${rsaKey()}`, KEY.replace(/[A-Za-z0-9]{8}/, '????????')]],
  ['MAIL_FROM', ['cinema', 'a@b@c', 'Cinema <cinema>', 'a@b.example\r\nBcc: c@d.example', 'a@b.example, c@d.example']],
  ['STRIPE_WEBHOOK_SECRETS', [',', ' , ']],
  ['REQUIRE_STAFF_TOTP', ['yes', '1', 'TRUE']],
  ['MIN_AGE', ['-1', '101', 'adult']],
  [
    'STORAGE_URL',
    [
      '/var/data',
      'https://bucket',
      's3:bucket',
      's3://Bucket_1',
      's3://bucket/folder',
      's3://bucket?endpoint=s3.example',
      's3://bucket?endpoint=https://key:secret@s3.example',
      's3://bucket?region=eu west',
      's3://bucket?zone=a',
    ],
  ],
  ['CORS_ORIGINS', ['*', 'cinema.example', 'https://cinema.example/', 'https://a.example,b.example']],
  ['TRUST_PROXY', ['yes', '-1', '10.0.0.0/8/8', '300.1.1.1', '10.0.0.1 10.0.0.2']],
  ['RATE_LIMITS', ['yes', '0']],
  ['LOGINS_PER_MINUTE', ['0', '-1', '1.5', '10001']],
  ['CURRENCY', ['usd', 'US', 'XYZ', 'ISK', 'UGX']],
  ['SHOP_TIME_ZONE', ['Mars/Base', '+02:00', 'Europe/Kyiv; x', ' UTC']],
  ['LOG_LEVEL', ['loud']],
  ['DATABASE_REPLICA_URL', ['mysql://localhost/cinema', 'localhost']],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', ['otel:4318', 'grpc://otel:4317']],
  ['OTEL_TRACES_SAMPLER', ['sometimes']],
  ['OTEL_TRACES_SAMPLER_ARG', ['2', '-1', '10%']],
] as const)('%s must not be any of %j', ([name, values]) => {
  for (const value of values) expect(faultsOf({ DATABASE_URL, [name]: value }), value).toEqual([name]);
});

test.for([
  ['TRUST_PROXY', ['true', 'false', '1', '10.0.0.1', '10.0.0.0/8, ::1', 'loopback,uniquelocal']],
  ['CORS_ORIGINS', ['https://cinema.example', 'http://localhost:3000, https://cinema.example']],
  ['JWT_PRIVATE_KEYS', [KEY, `${KEY}\n${KEY}`, KEY.replaceAll('\n', '\\n')]],
  ['SHOP_TIME_ZONE', ['UTC', 'Europe/Kyiv', 'America/Argentina/Buenos_Aires']],
  ['MAIL_FROM', ['cinema@cinema.example', 'Kino Zwölf <kino@kino.example>', '<a@b.example>']],
] as const)('%s may be any of %j', ([name, values]) => {
  for (const value of values) expect(faultsOf({ DATABASE_URL, [name]: value }), value).toEqual([]);
});

describe('production', () => {
  test('starts with values of its own', () => {
    const config = readConfig(PRODUCTION);
    expect(config).toMatchObject({
      isProduction: true,
      publicUrl: 'https://cinema.example',
      docsAccess: 'authenticated',
      stripe: {
        apiUrl: 'https://api.stripe.com',
        livemode: true,
        webhookSecrets: [`whsec_${'new'.repeat(8)}`, `whsec_${'old'.repeat(8)}`],
      },
    });
  });

  test('names everything that is missing', () => {
    const { NODE_ENV, ...values } = PRODUCTION;
    expect(faultsOf({ NODE_ENV }).sort()).toEqual(Object.keys(values).sort());
  });

  test('names what is missing beside what is wrong', () => {
    const { TOKEN_SECRET: _, ...rest } = PRODUCTION;
    expect(faultsOf({ ...rest, PORT: 'x' }).sort()).toEqual(['PORT', 'TOKEN_SECRET']);
  });

  test.for([
    ['TOKEN_SECRET', DEVELOPMENT_TOKEN_SECRET],
    ['TOKEN_SECRET', 'too short'],
    ['TOKEN_SECRET', 'a'.repeat(40)],
    ['PUBLIC_URL', 'http://cinema.example'],
    ['RATE_LIMITS', 'off'],
    ['STRIPE_SECRET_KEY', 'x'],
    ['STRIPE_WEBHOOK_SECRETS', 'x'],
    ['STRIPE_SECRET_KEY', DEVELOPMENT_STRIPE_KEY],
    ['STRIPE_SECRET_KEY', 'sk_test_example'],
    ['STRIPE_SECRET_KEY', 'rk_test_example'],
    ['STRIPE_WEBHOOK_SECRETS', DEVELOPMENT_WEBHOOK_SECRET],
    ['STRIPE_WEBHOOK_SECRETS', `whsec_own, ${DEVELOPMENT_WEBHOOK_SECRET}`],
  ] as const)('refuses %s=%s', ([name, value]) => {
    expect(faultsOf({ ...PRODUCTION, [name]: value })).toEqual([name]);
  });
});

test('a migration needs its database and nothing else', () => {
  expect(readDatabaseConfig({ NODE_ENV: 'production', DATABASE_URL })).toEqual({ databaseUrl: DATABASE_URL });
  expect(() => readDatabaseConfig({})).toThrow('DATABASE_URL');
});

function rsaKey(modulusLength = 2048): string {
  return generateKeyPairSync('rsa', { modulusLength }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

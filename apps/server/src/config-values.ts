import { isIP } from 'node:net';
import { z } from 'zod';

/** An address with one of the protocols, such as `https:`. */
export const url = (...protocols: string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    message: `must be an address with ${protocols.join(' or ')}`,
  });

/** A whole number from `min` to `max`. */
export const integer = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min).max(max));

/** `true` or `false`. */
export const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true');

/** Words separated by commas. */
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** A domain, or one name of it. */
export const DOMAIN_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;

/** A name and an address, or an address. */
export const SENDER = /^(?:[^<>\r\n]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/;

/** Says whether a text names a folder, or a bucket with what it may be told of. */
export function isStorageUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, pathname, searchParams } = new URL(value);
  if (protocol === 'file:') return true;
  const isBucket = protocol === 's3:' && /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(hostname) && /^\/?$/.test(pathname);
  return isBucket && [...searchParams].every(([name, given]) => S3_PARAMETERS[name]?.(given));
}

const S3_PARAMETERS: Record<string, (given: string) => boolean> = {
  endpoint: isHttpAddress,
  publicEndpoint: isHttpAddress,
  region: (given) => /^[a-z0-9-]{1,40}$/.test(given),
};

function isHttpAddress(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol) && !/[?#@]/.test(value);
}

/**
 * Says whether prices may be in a currency. Of the two left out ISO 4217 knows no smaller unit, and Stripe a hundredth:
 * https://docs.stripe.com/currencies#special-cases
 */
export function isCurrency(value: string): boolean {
  return Intl.supportedValuesOf('currency').includes(value) && value !== 'ISK' && value !== 'UGX';
}

/** Says whether a time zone is known by that name: what Postgres takes `+02:00` for is the other side of Greenwich. */
export function isTimeZone(value: string): boolean {
  if (!/^[A-Za-z]/.test(value)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** Says whether a text is an origin as browsers send it. */
export function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value;
}

/** Says whether a text is a setting of `TRUST_PROXY`. */
export function namesProxies(value: string): boolean {
  if (/^(|true|false|\d{1,3})$/.test(value)) return true;
  return value.split(',').every((part) => {
    const [address = '', bits, ...more] = part.trim().split('/');
    if (['loopback', 'linklocal', 'uniquelocal'].includes(address)) return bits === undefined;
    return isIP(address) !== 0 && more.length === 0 && /^\d{1,3}$/.test(bits ?? '0');
  });
}

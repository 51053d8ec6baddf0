import { isIP } from 'node:net';

/**
 * An IP address as Postgres reads it: no zone, IPv4 as such. A proxy may send anything, even `unknown`: that is `null`,
 * and nobody is kept out for it.
 */
export function plainAddress(ip: string): string | null {
  const address = ip.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '');
  return isIP(address) === 0 ? null : address;
}

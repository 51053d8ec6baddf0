import { isIPv6 } from 'node:net';
import { plainAddress } from './addresses.ts';

/**
 * Names the network an address belongs to, as limits count it: an IPv4 address itself, of IPv6 the first 64 bits, which
 * one customer has to himself. Whatever is no address is one network: a proxy may send anything.
 */
export function networkOf(ip: string): string {
  const address = plainAddress(ip);
  if (address === null) return 'unknown';
  return isIPv6(address) ? `${firstGroups(address).join(':')}::/64` : address;
}

/** The first four groups, without leading zeros. */
function firstGroups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  // An IPv4 address at the end fills two groups.
  const after = tail === undefined || tail === '' ? [] : tail.replace(/\d+(\.\d+){3}$/, '0:0').split(':');
  const gap = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(gap).fill('0'), ...after]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16));
}

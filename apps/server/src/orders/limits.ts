import type { Limit } from '../lib/rate-limit.ts';

/**
 * How often one user may order, open a checkout, cancel or ask for a refund, each counted by itself. Most of these lock rows, and
 * some ask the gateway, which limits all buyers together.
 */
export const SHOP_ACTS: Limit = { windows: [{ count: 120, seconds: 60 }] };

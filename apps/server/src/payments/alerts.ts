import type { Deps } from '../deps.ts';

/** What a person must look at: the log says which payment, and Prometheus counts it. */
export type PaymentAlert =
  /** The payment's `review_reason` says why: money that fits no order, a dispute, a payment the gateway does not know. */
  | 'needs_review'
  /** Money did not reach the buyer. */
  | 'refund_failed'
  /** The gateway has not said for a day whether a refund was made. */
  | 'refund_stuck'
  /** The gateway took money, and no payment here knows of it. */
  | 'unknown_money'
  /** An event of the gateway is about no payment here, or can't be read: it lies in the dead letters. */
  | 'unknown_event';

/** Calls a person. Ids only: alerts are not erased with an account. */
export function raiseAlert(
  { log, metrics }: Pick<Deps, 'log' | 'metrics'>,
  alert: PaymentAlert,
  details: Record<string, string | number | null>,
  message: string,
): void {
  log.error({ alert, ...details }, message);
  metrics.countPaymentAlert(alert);
}

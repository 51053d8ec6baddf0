import { forbiddenByState, invalidRequest } from './errors.ts';
import { newestFirst, paginate } from './lists.ts';
import { readList, type Params } from './params.ts';
import type { Store } from './store.ts';

const MAX_DEPTH = 4;

type Fields = Record<string, unknown>;

/**
 * Copies an answer and puts objects in the place of the ids that `expand[]` names, for example
 * `payment_intent.latest_charge`, or `data.payment_intent` in a list.
 *
 * @throws StripeApiError 400 for a property that cannot be expanded
 */
export function expand(store: Store, answer: object, params: Params): object {
  const copy = structuredClone(answer);
  for (const path of readList(params, 'expand').map(String)) {
    const steps = path.split('.');
    if (steps.length > MAX_DEPTH) {
      throw invalidRequest(`You cannot expand more than ${MAX_DEPTH} levels of a property.`, { param: 'expand' });
    }
    expandPath(store, copy, steps, path);
  }
  return copy;
}

function expandPath(store: Store, target: unknown, [step, ...rest]: string[], path: string): void {
  if (step === undefined || target === null) return;
  if (Array.isArray(target)) {
    for (const item of target) expandPath(store, item, [step, ...rest], path);
    return;
  }
  if (!isFields(target)) throw notExpandable(path);
  if (target[step] === null) return; // nothing there yet: stays null
  target[step] = found(store, target, step) ?? refuse(path);
  expandPath(store, target[step], rest, path);
}

/** Gives what stands behind a property: the object of an id, a list left out by default, or what is there already. */
function found(store: Store, target: Fields, step: string): unknown {
  const value = target[step];
  if (typeof value === 'object') return value;
  const id = String(target['id']);
  if (target['object'] === 'checkout.session' && step === 'line_items') {
    return page(store.sessions.get(id)?.lineItems ?? [], `/v1/checkout/sessions/${id}/line_items`);
  }
  if (target['object'] === 'charge' && step === 'refunds') {
    const refunds = newestFirst(store.refunds).filter((refund) => refund.charge === id);
    return page(refunds, `/v1/charges/${id}/refunds`);
  }
  if (typeof value !== 'string') return undefined;
  switch (step) {
    case 'payment_intent':
      return structuredClone(store.paymentIntents.get(value));
    case 'charge':
    case 'latest_charge':
      return structuredClone(store.charges.get(value));
    default:
      return undefined;
  }
}

function page<Item extends { id: string }>(items: Item[], url: string): unknown {
  return structuredClone(paginate(items, {}, url));
}

function refuse(path: string): never {
  throw notExpandable(path);
}

function notExpandable(path: string): Error {
  // The work is done by now: its idempotency key must not do it again.
  return forbiddenByState(`This property cannot be expanded (${path}).`, { param: 'expand' });
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

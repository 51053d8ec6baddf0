import { findDispute } from './disputes.ts';
import { resourceMissing } from './errors.ts';
import { createdWithin, equalTo, LIST_PARAMS, newestFirst, paginate } from './lists.ts';
import { isHash, readList, readText, readWord, refuseUnknown, type Params } from './params.ts';
import { createRefund, findCharge, findRefund } from './refunds.ts';
import { createSession, expireDueSessions, expireSession, findSession } from './sessions.ts';
import type { Cause, World } from './store.ts';

/** One call of the API, decoded. */
export interface ApiCall {
  world: World;
  params: Params;
  /** The id in the path, or `''`. */
  id: string;
  /** Where the caller reaches the simulator. */
  baseUrl: string;
  cause: Cause;
}

/** One endpoint. `run` is synchronous, so that no two calls ever see each other half done. */
export interface ApiRoute {
  method: 'GET' | 'POST';
  path: string;
  run: (call: ApiCall) => object;
}

/** What the simulator knows of Stripe's API. */
export const ROUTES: readonly ApiRoute[] = [
  post('/v1/checkout/sessions', ({ world, params, baseUrl }) => createSession(world, params, baseUrl)),
  get('/v1/checkout/sessions', listSessions),
  get(
    '/v1/checkout/sessions/:id',
    only([], ({ world, id }) => findSession(world, id).session),
  ),
  post(
    '/v1/checkout/sessions/:id/expire',
    only([], ({ world, id, cause }) => expireSession(world, id, cause)),
  ),
  get('/v1/checkout/sessions/:id/line_items', ({ world, id, params }) => {
    refuseUnknown(params, LIST_PARAMS);
    return paginate(findSession(world, id).lineItems, params, `/v1/checkout/sessions/${id}/line_items`);
  }),
  get('/v1/payment_intents', ({ world, params }) => {
    refuseUnknown(params, [...LIST_PARAMS, 'customer']);
    const items = newestFirst(world.store.paymentIntents).filter(createdWithin(params));
    return paginate(items.filter(equalTo(params, 'customer')), params, '/v1/payment_intents');
  }),
  get(
    '/v1/payment_intents/:id',
    only(['client_secret'], ({ world, id }) => {
      const found = world.store.paymentIntents.get(id);
      if (!found) throw resourceMissing('payment_intent', id, 'intent');
      return found;
    }),
  ),
  get('/v1/charges', ({ world, params }) => {
    refuseUnknown(params, [...LIST_PARAMS, 'customer', 'payment_intent']);
    const items = newestFirst(world.store.charges).filter(createdWithin(params));
    const matching = items.filter(equalTo(params, 'payment_intent')).filter(equalTo(params, 'customer'));
    return paginate(matching, params, '/v1/charges');
  }),
  get(
    '/v1/charges/:id',
    only([], ({ world, id }) => findCharge(world, id)),
  ),
  post('/v1/refunds', ({ world, params, cause }) => createRefund(world, params, cause)),
  get('/v1/refunds', ({ world, params }) => {
    refuseUnknown(params, [...LIST_PARAMS, 'charge', 'payment_intent']);
    const items = newestFirst(world.store.refunds).filter(createdWithin(params));
    const matching = items.filter(equalTo(params, 'payment_intent')).filter(equalTo(params, 'charge'));
    return paginate(matching, params, '/v1/refunds');
  }),
  get(
    '/v1/refunds/:id',
    only([], ({ world, id }) => findRefund(world, id)),
  ),
  get('/v1/disputes', ({ world, params }) => {
    refuseUnknown(params, [...LIST_PARAMS, 'charge', 'payment_intent']);
    const items = newestFirst(world.store.disputes).filter(createdWithin(params));
    const matching = items.filter(equalTo(params, 'payment_intent')).filter(equalTo(params, 'charge'));
    return paginate(matching, params, '/v1/disputes');
  }),
  get(
    '/v1/disputes/:id',
    only([], ({ world, id }) => findDispute(world, id)),
  ),
  get('/v1/events', listEvents),
  get(
    '/v1/events/:id',
    only([], ({ world, id }) => {
      const found = world.store.events.get(id);
      if (!found) throw resourceMissing('event', id);
      return found;
    }),
  ),
  get(
    '/v1/balance',
    only([], ({ world }) => balance(world)),
  ),
  get('/v1/account', only([], account)),
];

function listSessions({ world, params }: ApiCall): object {
  refuseUnknown(params, [...LIST_PARAMS, 'customer', 'customer_details', 'payment_intent', 'status']);
  readWord(params, 'status', ['complete', 'expired', 'open']);
  expireDueSessions(world);
  const email = isHash(params['customer_details']) ? readText(params['customer_details'], 'email') : undefined;
  const sessions = newestFirst(world.store.sessions)
    .map((stored) => stored.session)
    .filter(createdWithin(params))
    .filter(equalTo(params, 'payment_intent'))
    .filter(equalTo(params, 'status'))
    .filter(equalTo(params, 'customer'))
    .filter((session) => email === undefined || session.customer_details?.email === email);
  return paginate(sessions, params, '/v1/checkout/sessions');
}

function listEvents({ world, params }: ApiCall): object {
  refuseUnknown(params, [...LIST_PARAMS, 'delivery_success', 'type', 'types']);
  const type = readText(params, 'type');
  const types = readList(params, 'types');
  const delivered = readWord(params, 'delivery_success', ['true', 'false']);
  const events = newestFirst(world.store.events)
    .filter(createdWithin(params))
    .filter((event) => type === undefined || matchesType(event.type, type))
    .filter((event) => types.length === 0 || types.includes(event.type))
    .filter((event) => delivered === undefined || (event.pending_webhooks === 0) === (delivered === 'true'));
  return paginate(events, params, '/v1/events');
}

/** `charge.*` matches every type of that group. */
function matchesType(type: string, pattern: string): boolean {
  return pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : type === pattern;
}

function balance({ store }: World): object {
  const sums = new Map<string, number>([['usd', 0]]);
  for (const { type, amount, currency } of store.ledger) {
    sums.set(currency, (sums.get(currency) ?? 0) + (type === 'refund' ? -amount : amount));
  }
  return {
    object: 'balance',
    available: [...sums].map(([currency, amount]) => ({ amount, currency, source_types: { card: amount } })),
    livemode: false,
    pending: [...sums.keys()].map((currency) => ({ amount: 0, currency, source_types: { card: 0 } })),
  };
}

function account(): object {
  return {
    id: 'acct_1Simulator00000',
    object: 'account',
    business_profile: { name: 'Online Cinema' },
    charges_enabled: true,
    country: 'US',
    default_currency: 'usd',
    details_submitted: true,
    email: null,
    metadata: {},
    payouts_enabled: true,
    type: 'standard',
  };
}

/** Refuses every parameter but `expand` and those named. */
function only(known: string[], run: ApiRoute['run']): ApiRoute['run'] {
  return (call) => {
    refuseUnknown(call.params, ['expand', ...known]);
    return run(call);
  };
}

function get(path: string, run: ApiRoute['run']): ApiRoute {
  return { method: 'GET', path, run };
}

function post(path: string, run: ApiRoute['run']): ApiRoute {
  return { method: 'POST', path, run };
}

import { resourceMissing } from './errors.ts';
import { isHash, readInteger, readText, type Params } from './params.ts';

/** A page as Stripe sends it. */
export interface Page<Item> {
  object: 'list';
  data: Item[];
  has_more: boolean;
  url: string;
}

/** The parameters every list takes. */
export const LIST_PARAMS = ['created', 'ending_before', 'expand', 'limit', 'starting_after'];

/**
 * Cuts one page out of a list.
 *
 * @param items in the order they are shown: newest first
 * @throws StripeApiError for a limit outside 1–100 or a cursor that is no item of the collection
 */
export function paginate<Item extends { id: string }>(items: Item[], params: Params, url: string): Page<Item> {
  const limit = readInteger(params, 'limit', { min: 1, max: 100 }) ?? 10;
  const endingBefore = readText(params, 'ending_before');
  if (endingBefore !== undefined) {
    // The page that ends just before the cursor; what is "more" then lies further up.
    const end = cursor(items, 'ending_before', endingBefore);
    const start = Math.max(0, end - limit);
    return { object: 'list', data: items.slice(start, end), has_more: start > 0, url };
  }
  const startingAfter = readText(params, 'starting_after');
  const start = startingAfter === undefined ? 0 : cursor(items, 'starting_after', startingAfter) + 1;
  const data = items.slice(start, start + limit);
  return { object: 'list', data, has_more: start + limit < items.length, url };
}

/** Makes a test for `created=…` or `created[gte]=…`. */
export function createdWithin(params: Params): (item: { created: number }) => boolean {
  if (!isHash(params['created'])) {
    const exact = readInteger(params, 'created');
    return (item) => exact === undefined || item.created === exact;
  }
  const range = params['created'];
  const [gt, gte, lt, lte] = ['gt', 'gte', 'lt', 'lte'].map((bound) => readInteger(range, bound, { path: 'created' }));
  return ({ created }) =>
    created > (gt ?? -Infinity) &&
    created >= (gte ?? -Infinity) &&
    created < (lt ?? Infinity) &&
    created <= (lte ?? Infinity);
}

/** Makes a test for `key=…`: the item's field of that name has to be equal. */
export function equalTo<Key extends string>(params: Params, key: Key): (item: { [key in Key]?: unknown }) => boolean {
  const wanted = readText(params, key);
  return (item) => wanted === undefined || item[key] === wanted;
}

/** Gives what a map holds, newest first. */
export function newestFirst<Item>(map: Map<string, Item>): Item[] {
  return [...map.values()].reverse();
}

function cursor(items: { id: string }[], param: string, id: string): number {
  const index = items.findIndex((item) => item.id === id);
  if (index < 0) throw resourceMissing('object', id, param, 400);
  return index;
}

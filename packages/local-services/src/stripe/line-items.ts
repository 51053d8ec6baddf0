import { readCurrency } from './currency.ts';
import { invalidRequest, resourceMissing } from './errors.ts';
import {
  inside,
  isHash,
  missing,
  readHash,
  readInteger,
  readList,
  readMetadata,
  readText,
  refuseUnknown,
  requireText,
  type Params,
} from './params.ts';
import { newId, randomText, type LineItem } from './store.ts';

/**
 * Reads `line_items` of a checkout: prices made on the spot, all in one currency.
 *
 * @param created seconds
 */
export function readLineItems(params: Params, created: number): LineItem[] {
  const lines = readList(params, 'line_items');
  if (lines.length > 100) throw invalidRequest('You can specify up to 100 line items.', { param: 'line_items' });
  const items = lines.map((line, index) => readLineItem(line, created, `line_items[${index}]`));
  const currencies = new Set(items.map((item) => item.currency));
  if (currencies.size > 1) {
    throw invalidRequest(
      'The `line_items` parameter cannot contain prices of more than one currency: every line has to use the same.',
      { param: 'line_items' },
    );
  }
  return items;
}

function readLineItem(line: unknown, created: number, path: string): LineItem {
  if (!isHash(line)) throw invalidRequest('Invalid object', { param: path });
  refuseUnknown(line, ['price', 'price_data', 'quantity', 'metadata', 'adjustable_quantity', 'tax_rates'], path);
  const price = readText(line, 'price', { path });
  if (price !== undefined) throw resourceMissing('price', price, inside(path, 'price'), 400);
  const data = readHash(line, 'price_data', path);
  if (!data) throw missing(inside(path, 'price_data'));
  const dataPath = inside(path, 'price_data');
  refuseUnknown(data, ['currency', 'product_data', 'tax_behavior', 'unit_amount'], dataPath);
  const product = readHash(data, 'product_data', dataPath);
  if (!product) throw missing(inside(dataPath, 'product_data'));
  const productPath = inside(dataPath, 'product_data');
  refuseUnknown(product, ['description', 'images', 'metadata', 'name', 'tax_code', 'unit_label'], productPath);
  const currency = readCurrency(requireText(data, 'currency', { path: dataPath }), inside(dataPath, 'currency'));
  const unitAmount = readInteger(data, 'unit_amount', { path: dataPath });
  if (unitAmount === undefined) throw missing(inside(dataPath, 'unit_amount'));
  const quantity = readInteger(line, 'quantity', { path, min: 1, max: 999_999 });
  if (quantity === undefined) throw missing(inside(path, 'quantity'));
  return {
    id: newId('li'),
    object: 'item',
    adjustable_quantity: null,
    amount_discount: 0,
    amount_subtotal: unitAmount * quantity,
    amount_tax: 0,
    amount_total: unitAmount * quantity,
    currency,
    description: requireText(product, 'name', { path: productPath }),
    metadata: readMetadata(line, path),
    quantity,
    price: {
      id: newId('price'),
      object: 'price',
      active: false,
      billing_scheme: 'per_unit',
      created,
      currency,
      custom_unit_amount: null,
      livemode: false,
      lookup_key: null,
      metadata: {},
      nickname: null,
      product: `prod_${randomText(14)}`,
      recurring: null,
      tax_behavior: 'unspecified',
      tiers_mode: null,
      transform_quantity: null,
      type: 'one_time',
      unit_amount: unitAmount,
      unit_amount_decimal: String(unitAmount),
    },
  };
}

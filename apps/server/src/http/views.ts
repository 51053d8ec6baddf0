import type { View } from '../trpc.ts';

const JSON_TYPE = 'application/json';

/**
 * Chooses what an answer is to be: the view `Accept` prefers, or nothing for JSON. Of equal ones it is the first view, and
 * so it is where none fits: an answer is better than none.
 */
export function chooseView(accept: string | undefined, views: readonly View[]): View | undefined {
  const offers = [...views.map((view) => ({ type: view.contentType.split(';')[0] ?? '', view })), { type: JSON_TYPE }];
  const ranges = readAccept(accept ?? '*/*');
  let best: { weight: number; view: View | undefined } = { weight: 0, view: views[0] };
  for (const offer of offers) {
    const weight = weigh(offer.type, ranges);
    if (weight > best.weight) best = { weight, view: 'view' in offer ? offer.view : undefined };
  }
  return best.view;
}

type Range = { type: string; quality: number };

function readAccept(accept: string): Range[] {
  return accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });
}

// The most exact range decides: RFC 9110, 12.5.1.
function weigh(type: string, ranges: Range[]): number {
  const group = `${type.split('/')[0]}/*`;
  for (const candidate of [type, group, '*/*']) {
    const range = ranges.find((each) => each.type === candidate);
    if (range) return range.quality;
  }
  return 0;
}

import type { Exchange } from './prism.ts';

type Violation = { location: string[]; message: string };
type Operation = { operationId: string; responses: object; requestBody?: object };
/** The part of an OpenAPI document that is needed here. */
export type Paths = Record<string, Record<string, Operation>>;

/** What went through Prism, and what is wrong with it. */
export type Verdict = { requests: number; asked: Set<string>; answered: Set<string>; faults: string[] };

/**
 * Judges what went through Prism. An answer that violates the document is a fault, whatever was asked. A request that
 * does is sent on purpose: then it is a fault that it was not refused.
 */
export function judge(exchanges: Exchange[], paths: Paths): Verdict {
  const verdict: Verdict = { requests: 0, asked: new Set(), answered: new Set(), faults: [] };
  for (const exchange of exchanges) {
    const operation = findOperation(exchange, paths);
    // HEAD and OPTIONS, and what is called by the same address elsewhere.
    if (!operation) continue;
    verdict.requests += 1;
    verdict.asked.add(operation.operationId);
    if (exchange.status < 400) verdict.answered.add(operation.operationId);
    verdict.faults.push(...findFaults(exchange, operation).map((fault) => `${operation.operationId}: ${fault}`));
  }
  verdict.faults = [...new Set(verdict.faults)];
  return verdict;
}

function findFaults({ status, isOurs, violations }: Exchange, { requestBody }: Operation): string[] {
  if (!isOurs) return [`Prism answers ${status} itself`];
  return (JSON.parse(violations) as Violation[]).flatMap(({ location: [side, ...place], message }) => {
    const name = [side, ...place].join('.');
    if (message === 'Selected route not found') return ['Prism does not know the address'];
    if (side === 'response') return [`${status} ${name}: ${message}`];
    // Where nothing is to be said, an empty object says nothing: many a client sends one with every POST.
    if (status >= 400 || (requestBody === undefined && place.length === 0)) return [];
    return [`answers ${status} to what it does not take, ${name}: ${message}`];
  });
}

function findOperation({ method, path }: Exchange, paths: Paths): Operation | undefined {
  const parts = path.replace('/api/v1', '').split('/');
  const [first] = Object.keys(paths)
    .filter((template) => {
      const wanted = template.split('/');
      return (
        wanted.length === parts.length && wanted.every((each, index) => each.startsWith('{') || each === parts[index])
      );
    })
    // A fixed part goes before a parameter.
    .sort((one, other) => one.split('{').length - other.split('{').length);
  return first === undefined ? undefined : paths[first]?.[method.toLowerCase()];
}

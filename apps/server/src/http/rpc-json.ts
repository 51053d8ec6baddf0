import superjson from 'superjson';

/**
 * Writes a success as tRPC's clients read it: as superjson would, which looks for a dozen types and for objects that are
 * there twice. Answers have no other than those of JSON and dates, as a rule, and are then written at once.
 */
export function writeResult(data: unknown): string {
  const dates: string[] = [];
  if (!isPlain(data, '', dates, new Set())) return JSON.stringify({ result: { data: superjson.serialize(data) } });
  const json = JSON.stringify(data);
  if (dates.length === 0) return `{"result":{"data":{"json":${json}}}}`;
  const values = dates.map((path) => `${JSON.stringify(path)}:["Date"]`).join();
  return `{"result":{"data":{"json":${json},"meta":{"values":{${values}},"v":1}}}}`;
}

/** Whether superjson would note nothing of a value but the paths of its dates, which are added to those. */
function isPlain(value: unknown, path: string, dates: string[], seen: Set<object>): boolean {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true;
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0);
  if (typeof value !== 'object' || seen.has(value)) return false;
  seen.add(value);
  if (value instanceof Date) {
    dates.push(path);
    // One that stands alone has no path.
    return path !== '' && !Number.isNaN(value.getTime());
  }
  const below = path === '' ? '' : `${path}.`;
  if (Array.isArray(value)) return value.every((each, index) => isPlain(each, `${below}${index}`, dates, seen));
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.entries(value).every(([key, each]) => !ODD_KEY.test(key) && isPlain(each, below + key, dates, seen));
}

// Paths are written with dots, and superjson refuses to write keys of prototypes.
const ODD_KEY = /[.\\]|^(?:__proto__|constructor|prototype|toJSON|)$/;

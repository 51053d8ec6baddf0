/** How values that JSON has no word for travel: superjson's format, of which the cinema uses no more than this. */
type Envelope = { json?: unknown; meta?: { values?: Tree; v?: number } };
/** What a value is, and what those in it are: `[type]`, `[type, children]`, or only the children, by their path. */
type Tree = [type: string, children?: Tree] | { [path: string]: Tree };

/** The transformer of every call: `Date` and `undefined` arrive as such. */
export const wire = { serialize, deserialize };

function serialize(value: unknown): Envelope {
  const notes: { [path: string]: Tree } = {};
  if (value === undefined) return { json: null, meta: { values: ['undefined'], v: 1 } };
  if (value instanceof Date) return { json: value.toISOString(), meta: { values: ['Date'], v: 1 } };
  const json = encode(value, null, notes);
  return Object.keys(notes).length > 0 ? { json, meta: { values: notes, v: 1 } } : { json };
}

function encode(value: unknown, path: string | null, notes: { [path: string]: Tree }): unknown {
  if (value instanceof Date) {
    notes[path ?? ''] = ['Date'];
    return value.toISOString();
  }
  const below = (key: string | number) => (path === null ? '' : `${path}.`) + String(key).replace(/[\\.]/g, '\\$&');
  if (Array.isArray(value)) return value.map((each, index) => encode(each, below(index), notes));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, encode(each, below(key), notes)]));
}

function deserialize({ json, meta }: Envelope): unknown {
  return meta?.values ? revive(json, meta.values) : json;
}

function revive(value: unknown, tree: Tree): unknown {
  if (!Array.isArray(tree)) {
    for (const [path, below] of Object.entries(tree)) reviveAt(value, splitPath(path), below);
    return value;
  }
  const [type, children] = tree;
  const make = MAKE[type];
  if (!make) throw new Error(`The cinema sent a value of the unknown type ${type}.`);
  return make(children ? revive(value, children) : value);
}

function reviveAt(value: unknown, [key = '', ...rest]: string[], tree: Tree): void {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return;
  const holder = value as { [key: string]: unknown };
  if (rest.length > 0) reviveAt(holder[key], rest, tree);
  else holder[key] = revive(holder[key], tree);
}

const MAKE: { readonly [type: string]: ((value: unknown) => unknown) | undefined } = {
  undefined: () => undefined,
  Date: (value) => new Date(String(value)),
  number: Number,
  bigint: (value) => BigInt(String(value)),
};

/** `a\.b.0` → `['a.b', '0']`. */
function splitPath(path: string): string[] {
  const keys: string[] = [];
  let key = '';
  for (const [part] of path.matchAll(/\\.|[^\\]/gs)) {
    if (part === '.') {
      keys.push(key);
      key = '';
    } else key += part.length > 1 ? part.slice(1) : part;
  }
  return [...keys, key];
}

/** What can be imported from a package, by way in. */
export type Exports = Record<string, string[]>;

/** Reads from the client's API report which names each way in exports. */
export function readExports(report: string): Exports {
  const parts = report.split(/^## /m).slice(1);
  return Object.fromEntries(
    parts.map((part) => {
      const names = [...part.matchAll(/^export (?:declare )?(?:function|const|class|type|interface) (\w+)/gm)];
      return [part.split('\n')[0] ?? '', [...new Set(names.map(([, name = '']) => name))].sort()];
    }),
  );
}

/** Finds the ways in and the names that are gone: a sentence for each. */
export function findLostExports(old: Exports, next: Exports): string[] {
  return Object.entries(old).flatMap(([entry, names]) => {
    const there = next[entry];
    if (!there) return [`${entry} can't be imported any more`];
    return names.filter((name) => !there.includes(name)).map((name) => `${entry} no longer exports ${name}`);
  });
}

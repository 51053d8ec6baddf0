import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'oxc-parser';

/** Made by a generator, and reviewed where that writes it. */
const GENERATED = 'router.gen.d.ts';

type Module = {
  /** What a file declares, by name. */
  declared: Map<string, string>;
  /** Where a name comes from, which the file imports or passes on. */
  from: Map<string, { file: string; name: string }>;
  /** The names customers may import. */
  exported: string[];
};

/**
 * Lists what the built package exports, way in by way in, with the types of its own these are made of, as its
 * declarations say and without their comments: a change of the public surface is a diff somebody reads.
 *
 * @param entries The ways in by the name customers import, each with its declaration file.
 */
export function reportApi(entries: Readonly<Record<string, string>>): string {
  const told = new Set<string>();
  const parts = Object.entries(entries).map(([name, file]) => {
    const texts = readModule(file).exported.flatMap((exported) => tell(file, exported, told));
    return `## ${name}\n\n\`\`\`ts\n${texts.join('\n\n')}\n\`\`\`\n`;
  });
  const head =
    'What customers may import. `pnpm check:client` compares it; `pnpm check:client --write` writes it anew.';
  return `# The public surface of @online-cinema/client\n\n${head}\n\n${parts.join('\n')}`;
}

/** A declaration, and those it is made of that were not told yet. */
function tell(file: string, name: string, told: Set<string>): string[] {
  const { declared, from } = readModule(file);
  const found = declared.get(name);
  if (found === undefined) {
    const source = from.get(name);
    return source && !source.file.endsWith(GENERATED) ? tell(source.file, source.name, told) : [];
  }
  const key = `${file} ${name}`;
  if (told.has(key)) return [];
  told.add(key);
  const words = new Set(found.match(/\b[A-Za-z_]\w*\b/g));
  const parts = [...words].filter((word) => word !== name && (declared.has(word) || from.has(word)));
  return [found, ...parts.flatMap((part) => tell(file, part, told))];
}

function readModule(file: string): Module {
  const text = readFileSync(file, 'utf8');
  const module: Module = { declared: new Map(), from: new Map(), exported: [] };
  const sourceOf = (path: string) => join(dirname(file), path.replace('.ts', '.d.ts'));
  for (const statement of parseSync(file, text).program.body) {
    if (statement.type === 'ImportDeclaration' && statement.source.value.startsWith('.')) {
      for (const each of statement.specifiers) {
        if (each.type !== 'ImportSpecifier') continue;
        module.from.set(each.local.name, { file: sourceOf(statement.source.value), name: wordOf(each.imported) });
      }
    }
    if (statement.type === 'ExportNamedDeclaration' && statement.source) {
      for (const { local, exported } of statement.specifiers) {
        module.from.set(wordOf(exported), { file: sourceOf(statement.source.value), name: wordOf(local) });
        module.exported.push(wordOf(exported));
      }
      continue;
    }
    const isExported = statement.type === 'ExportNamedDeclaration';
    const name = nameOf(isExported ? statement.declaration : statement);
    if (name === '') continue;
    module.declared.set(name, withoutComments(text.slice(statement.start, statement.end)));
    if (isExported) module.exported.push(name);
  }
  module.exported.sort();
  return module;
}

/** What a declaration declares; nothing when it is none. */
function nameOf(declaration: object | null): string {
  if (declaration === null) return '';
  const variables = 'declarations' in declaration ? declaration.declarations : undefined;
  const named: unknown = Array.isArray(variables) ? variables[0] : declaration;
  const id = typeof named === 'object' && named !== null && 'id' in named ? named.id : null;
  return typeof id === 'object' && id !== null ? wordOf(id) : '';
}

function wordOf(name: object): string {
  return 'name' in name ? String(name.name) : '';
}

function withoutComments(text: string): string {
  return text.replaceAll(/[ \t]*\/\*\*[\s\S]*?\*\/\n?/g, '').trim();
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor, type ParseResult } from 'oxc-parser';

/** One place in a file; lines count from 1. */
export interface Place {
  file: string;
  line: number;
}

/** One import, re-export or `import()` of a file, types included. `specifier` is undefined when it is computed. */
export interface Import extends Place {
  specifier: string | undefined;
}

/** What the floors' guard needs to know of a file. `file` is relative to the root, with `/`. */
export interface Source {
  file: string;
  imports: Import[];
  defaultExports: Place[];
  /** `export * from …`. */
  starExports: Place[];
  environmentReads: Place[];
  syntaxErrors: Place[];
}

/** Lists the code files under a folder of `root`, without what is installed, built or hidden. */
export function listCode(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return /^(\.|node_modules$|dist$)/.test(entry.name) ? [] : listCode(root, file);
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [file] : [];
  });
}

/** Parses one file. */
export function readSource(root: string, file: string): Source {
  const text = readFileSync(join(root, file), 'utf8');
  const result = parseSync(file, text);
  const at = (offset: number): Place => ({ file, line: text.slice(0, offset).split('\n').length });
  const literal = ({ start, end }: { start: number; end: number }) =>
    /^(['"`])([^$]*)\1$/s.exec(text.slice(start, end))?.[2];

  const { staticImports, staticExports, dynamicImports } = result.module;
  const exports = staticExports.flatMap((statement) => statement.entries);
  const syntax = visit(result);
  return {
    file,
    imports: [
      ...staticImports.map(({ start, moduleRequest }) => ({ ...at(start), specifier: moduleRequest.value })),
      ...staticExports.flatMap(({ start, entries }) => {
        const specifier = entries.find((entry) => entry.moduleRequest)?.moduleRequest?.value;
        return specifier === undefined ? [] : [{ ...at(start), specifier }];
      }),
      ...dynamicImports.map(({ start, moduleRequest }) => ({ ...at(start), specifier: literal(moduleRequest) })),
      ...syntax.imports.map(({ start, specifier }) => ({ ...at(start), specifier })),
    ],
    defaultExports: exports
      .filter(({ exportName }) => exportName.kind === 'Default' || exportName.name === 'default')
      .map(({ start }) => at(start)),
    starExports: exports.filter(({ importName }) => importName.kind === 'AllButDefault').map(({ start }) => at(start)),
    environmentReads: syntax.environmentReads.map(at),
    syntaxErrors: result.errors.map((error) => at(error.labels[0]?.start ?? 0)),
  };
}

/** Finds what the parser's list of imports and exports lacks: `import('x').Type`, `import x = require()`, `process.env`. */
function visit({ program, module }: ParseResult) {
  const imports: { start: number; specifier: string }[] = [];
  const environmentReads: number[] = [];
  new Visitor({
    TSImportType(node) {
      imports.push({ start: node.start, specifier: node.source.value });
    },
    TSExternalModuleReference(node) {
      imports.push({ start: node.start, specifier: node.expression.value });
    },
    MemberExpression({ object, property, start }) {
      const ofProcess =
        (object.type === 'Identifier' && object.name === 'process') ||
        (object.type === 'MemberExpression' && isNamed(object.property, 'process'));
      if (ofProcess && isNamed(property, 'env')) environmentReads.push(start);
    },
    VariableDeclarator({ id, init, start }) {
      if (id.type !== 'ObjectPattern' || init?.type !== 'Identifier' || init.name !== 'process') return;
      if (id.properties.some((part) => part.type === 'Property' && isNamed(part.key, 'env'))) {
        environmentReads.push(start);
      }
    },
  }).visit(program);
  for (const { start, moduleRequest, entries } of module.staticImports) {
    const ofProcess = moduleRequest.value === 'node:process' || moduleRequest.value === 'process';
    if (ofProcess && entries.some(({ importName }) => importName.name === 'env')) environmentReads.push(start);
  }
  return { imports, environmentReads };
}

function isNamed(node: { type: string; name?: unknown; value?: unknown }, name: string): boolean {
  return (node.type === 'Identifier' && node.name === name) || (node.type === 'Literal' && node.value === name);
}

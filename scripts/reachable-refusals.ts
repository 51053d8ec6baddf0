import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERRORS, type ErrorReason } from '@online-cinema/contract/errors';
import { statusOf } from '@online-cinema/server/lib/problems';
import { parseSync } from 'oxc-parser';
import { listCode } from './check-floors/source.ts';

/** The refusals a procedure can reach, by status. */
export type Refusals = Record<number, ErrorReason[]>;

type Node = { type: string; [key: string]: unknown };
/** Something a module declares: what it refuses itself, and what it names. */
type Declaration = { reasons: Set<Refusal>; names: Set<string>; isJob: boolean };
/** A reason, and `401` before it where it is thrown with that status in place of its own. */
type Refusal = ErrorReason | `401 ${ErrorReason}`;
type Module = { declarations: Map<string, Declaration>; imports: Map<string, { file: string; name: string }> };

const SOURCE = 'apps/server/src';
const GUARDS = 'apps/server/src/trpc.ts';
const EVERYWHERE: readonly ErrorReason[] = ['invalid_input', 'unavailable', 'internal_error'];

/** What reaches code through `deps`, whose makers nobody calls by name. The limits' `tryTake` refuses nothing. */
const REFUSALS_OF_DEPS: [call: RegExp, reason: ErrorReason][] = [
  [/\blimits\??\.take(?:All)?\(/, 'too_many_requests'],
  [/\bpictures\??\.\w+\(/, 'unsupported_image'],
];

/**
 * Reads the server's source and follows each procedure with a REST face from name to name, to every `new AppError('…')`
 * on the way. Which way a call really takes is not looked at, so there can be more here than ever happens, but not less.
 * What any procedure can be refused with (the guards, the input, the body) is left out.
 *
 * @returns the refusals by `METHOD /path`; in a path made of pieces `{}` stands for each of them.
 */
export function findReachableRefusals(root: string): Map<string, Refusals> {
  const files = listCode(root, SOURCE).filter((file) => !/\.test\.ts$|\/testing\//.test(file) && file !== GUARDS);
  const modules = new Map(files.map((file) => [file, readModule(root, file)]));
  const routers = files.filter((file) => file.endsWith('router.ts'));
  return new Map(
    routers.flatMap((file) =>
      findProcedures(root, file).map(({ face, declaration }): [string, Refusals] => {
        const reasons = new Set<Refusal>();
        follow(modules, { file, declaration, reasons, seen: new Set() });
        return [face, groupByStatus(reasons)];
      }),
    ),
  );
}

function groupByStatus(refusals: Set<Refusal>): Refusals {
  const grouped: Refusals = {};
  for (const reason of Object.keys(ERRORS).filter(isReason)) {
    if (EVERYWHERE.includes(reason)) continue;
    const statuses = [refusals.has(reason) ? statusOf(reason) : [], refusals.has(`401 ${reason}`) ? 401 : []].flat();
    for (const status of statuses) (grouped[status] ??= []).push(reason);
  }
  return grouped;
}

function follow(
  modules: Map<string, Module>,
  walk: { file: string; declaration: Declaration; reasons: Set<Refusal>; seen: Set<Declaration> },
): void {
  const { file, declaration, reasons, seen } = walk;
  if (seen.has(declaration) || declaration.isJob) return;
  seen.add(declaration);
  for (const reason of declaration.reasons) reasons.add(reason);
  const module = modules.get(file);
  for (const name of declaration.names) {
    const imported = module?.imports.get(name);
    const [home, itsName] = imported ? [imported.file, imported.name] : [file, name];
    const next = modules.get(home)?.declarations.get(itsName);
    if (next) follow(modules, { ...walk, file: home, declaration: next });
  }
}

function readModule(root: string, file: string): Module {
  const text = readFileSync(join(root, file), 'utf8');
  const { program } = parseSync(file, text);
  const module: Module = { declarations: new Map(), imports: new Map() };
  for (const statement of program.body as unknown as Node[]) {
    if (statement.type === 'ImportDeclaration') readImport(module, file, statement);
    const declared = (statement['declaration'] ?? statement) as Node;
    if (declared.type === 'FunctionDeclaration') {
      module.declarations.set(nameOf(declared['id']), describe(text, declared));
    } else if (declared.type === 'VariableDeclaration') {
      for (const each of declared['declarations'] as Node[]) {
        module.declarations.set(nameOf(each['id']), describe(text, each));
      }
    }
  }
  return module;
}

function readImport(module: Module, file: string, statement: Node): void {
  const specifier = String((statement['source'] as Node)['value']);
  if (statement['importKind'] === 'type' || !specifier.startsWith('.')) return;
  const target = join(file, '..', specifier);
  for (const each of statement['specifiers'] as Node[]) {
    if (each['importKind'] === 'type') continue;
    module.imports.set(nameOf(each['local']), { file: target, name: nameOf(each['imported']) });
  }
}

/** The properties of a router that have a REST face: `add: userProcedure.meta(rest('POST', '/cart/items', …))…`. */
function findProcedures(root: string, file: string): { face: string; declaration: Declaration }[] {
  const text = readFileSync(join(root, file), 'utf8');
  const found: { face: string; declaration: Declaration }[] = [];
  visit(parseSync(file, text).program as unknown as Node, (node) => {
    if (node.type !== 'Property') return true;
    const faces: string[] = [];
    visit(node['value'] as Node, (inner) => {
      if (inner.type === 'ObjectExpression') return false;
      if (inner.type !== 'CallExpression' || nameOf(inner['callee']) !== 'rest') return true;
      const [method, path] = inner['arguments'] as [Node, Node];
      faces.push(`${String(method['value'])} ${pathOf(path)}`);
      return false;
    });
    const [face] = faces;
    if (face === undefined) return true;
    found.push({ face, declaration: describe(text, node['value'] as Node) });
    return false;
  });
  return found;
}

function pathOf(node: Node): string {
  if (node.type !== 'TemplateLiteral') return String(node['value']);
  return (node['quasis'] as { value: { cooked: string } }[]).map(({ value }) => value.cooked).join('{}');
}

function describe(text: string, node: Node): Declaration {
  const declaration: Declaration = { reasons: new Set(), names: new Set(), isJob: false };
  visit(node, (each) => {
    if (each.type === 'NewExpression' && nameOf(each['callee']) === 'AppError') {
      const [first, options] = each['arguments'] as Node[];
      const isOfLogin = options !== undefined && sliceOf(text, options).includes("code: 'UNAUTHORIZED'");
      visit(first!, (part) => {
        const { value } = part;
        if (isReason(value)) declaration.reasons.add(isOfLogin ? `401 ${value}` : value);
        return true;
      });
    }
    if (each.type === 'CallExpression') {
      if (nameOf(each['callee']) === 'defineJob') declaration.isJob = true;
      const call = sliceOf(text, each['callee'] as Node);
      for (const [pattern, reason] of REFUSALS_OF_DEPS) if (pattern.test(`${call}(`)) declaration.reasons.add(reason);
    }
    if (each.type === 'Identifier') declaration.names.add(nameOf(each));
    return true;
  });
  return declaration;
}

function sliceOf(text: string, { start, end }: Node): string {
  return text.slice(Number(start), Number(end));
}

function isReason(value: unknown): value is ErrorReason {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}

function nameOf(node: unknown): string {
  const { name, value } = (node ?? {}) as { name?: unknown; value?: unknown };
  const found = name ?? value;
  return typeof found === 'string' ? found : '';
}

/** Visits a node and what is in it, as long as `enter` says so. */
function visit(node: Node, enter: (node: Node) => boolean): void {
  if (!enter(node)) return;
  for (const [key, child] of Object.entries(node)) {
    if (key === 'typeAnnotation' || key === 'returnType') continue;
    // What a property is called is no name of the module.
    if (node.type === 'MemberExpression' && key === 'property' && node['computed'] !== true) continue;
    if (node.type === 'Property' && key === 'key' && node['computed'] !== true) continue;
    for (const each of [child].flat()) {
      if (typeof each === 'object' && each !== null && 'type' in each) visit(each as Node, enter);
    }
  }
}

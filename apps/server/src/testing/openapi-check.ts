import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { ErrorReason } from '@online-cinema/contract/errors';
import { createOpenApiDocument } from '../http/openapi.ts';
import { refusalsOf } from '../http/openapi-refusals.ts';
import { listRestProcedures } from '../http/rest.ts';

type Answer = { content?: Record<string, { schema?: object }> };
type Operation = { responses: Record<string, Answer | { $ref: string }> };

const document = createOpenApiDocument() as unknown as {
  paths: Record<string, Record<string, Operation>>;
  components: { responses: Record<string, Answer> };
};
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'openapi');

const routes = Object.keys(document.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
  parameters: path.split('{').length,
}));

/**
 * Throws when an answer is not one the OpenAPI document promises for its operation: another status, another reason, or
 * another shape.
 */
export function assertDocumented(
  method: string,
  path: string,
  answer: { status: number; contentType: string | null; body: unknown },
): void {
  const pathname = path.split('?')[0] ?? path;
  const [route] = routes
    .filter(({ pattern }) => pattern.test(pathname))
    .sort((one, other) => one.parameters - other.parameters);
  const operation = route && document.paths[route.path]?.[method.toLowerCase()];
  // An address or a method that is not in the document: there is nothing to hold the answer to.
  if (!route || !operation) return;
  const described = operation.responses[answer.status];
  const name = `${method} ${route.path}`;
  if (!described) {
    throw new Error(`${name} may not answer ${answer.status}, says the document: ${JSON.stringify(answer.body)}`);
  }
  const at =
    '$ref' in described
      ? described.$ref.slice('#/'.length).split('/')
      : ['paths', route.path, method.toLowerCase(), 'responses', String(answer.status)];
  const { content } = '$ref' in described ? resolve(described.$ref) : described;
  if (!content) {
    if (answer.body !== undefined) throw new Error(`${name} answered ${answer.status} with a body`);
    return;
  }
  const types = Object.keys(content);
  const type = types.find((each) => answer.contentType?.startsWith(each));
  if (type === undefined) throw new Error(`${name}: ${answer.contentType}, not ${types.join(' or ')}`);
  const pointer = [...at, 'content', type, 'schema'];
  const validate = ajv.getSchema(`openapi#/${pointer.map(escapePointer).join('/')}`);
  if (!validate) throw new Error(`${name} documents no schema for ${answer.status}`);
  if (!validate(answer.body)) {
    const faults = ajv.errorsText(validate.errors);
    throw new Error(`${name} ${answer.status} is not as documented: ${faults}\n${JSON.stringify(answer.body)}`);
  }
}

// What comes before a procedure is reached, whichever it is.
const BEFORE_ANY: readonly ErrorReason[] = [
  'method_not_allowed',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
];
const reasonsOf = new Map(
  listRestProcedures().map((each) => [each.path, refusalsOf(each).flatMap(([, reasons]) => reasons)]),
);

/** Finds the refusals in an answer over RPC, or in a batch of them, that the document does not name: `path: reason`. */
export function findUndocumented(body: unknown): string[] {
  return [body].flat().flatMap((answer) => {
    const { error } = (answer ?? {}) as { error?: { json?: { data?: { path?: string; reason?: ErrorReason } } } };
    const { path, reason } = error?.json?.data ?? {};
    const known = path === undefined ? undefined : reasonsOf.get(path);
    if (!known || reason === undefined || known.includes(reason) || BEFORE_ANY.includes(reason)) return [];
    return [`${path}: ${reason}`];
  });
}

function resolve(reference: string): Answer {
  return document.components.responses[reference.replace('#/components/responses/', '')] ?? {};
}

function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

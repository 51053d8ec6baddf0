import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { createOpenApiDocument } from '../http/openapi.ts';
import { REST_PREFIX } from '../http/rest.ts';

type Operation = { responses: Record<string, { content?: Record<string, { schema?: object }> }> };

const document = createOpenApiDocument() as unknown as { paths: Record<string, Record<string, Operation>> };
const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(document, 'openapi');

const routes = Object.keys(document.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`),
  parameters: path.split('{').length,
}));

/** Throws when an answer is not one the OpenAPI document promises for its operation. */
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
  const key = String(answer.status) in operation.responses ? String(answer.status) : 'default';
  const content = operation.responses[key]?.content;
  if (key === 'default' && answer.status < 400) throw new Error(`${method} ${route.path} answered ${answer.status}`);
  if (!content) {
    if (answer.body !== undefined) throw new Error(`${method} ${route.path} answered ${key} with a body`);
    return;
  }
  const [type = ''] = Object.keys(content);
  if (!answer.contentType?.startsWith(type))
    throw new Error(`${method} ${route.path}: ${answer.contentType}, not ${type}`);
  const pointer = ['paths', route.path, method.toLowerCase(), 'responses', key, 'content', type, 'schema'];
  const validate = ajv.getSchema(`openapi#/${pointer.map(escapePointer).join('/')}`);
  if (!validate) throw new Error(`${method} ${route.path} documents no schema for ${key}`);
  if (!validate(answer.body)) {
    throw new Error(`${REST_PREFIX}${route.path} ${key} is not as documented: ${ajv.errorsText(validate.errors)}`);
  }
}

function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

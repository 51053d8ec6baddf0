import type { Json } from './openapi-json.ts';

const FORMATS: readonly string[] = ['uuid', 'date', 'date-time', 'email'];

/**
 * Takes out what says nothing, or says it to JavaScript alone: patterns beside a format that says the same, patterns with
 * classes of Unicode, which most other tools read as something else, the bounds of JavaScript's integers, and choices of
 * which one is anything.
 */
export function mendSchemas(value: Json): void {
  if (Array.isArray(value)) {
    value.forEach(mendSchemas);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const { format, pattern } = value;
  if (typeof format === 'string' && FORMATS.includes(format)) delete value['pattern'];
  if (typeof pattern === 'string' && /\\[pP]\{/.test(pattern)) delete value['pattern'];
  if (value['minimum'] === Number.MIN_SAFE_INTEGER) delete value['minimum'];
  if (value['maximum'] === Number.MAX_SAFE_INTEGER) delete value['maximum'];
  if ('type' in value && Array.isArray(value['anyOf']) && value['anyOf'].some(isAnything)) delete value['anyOf'];
  Object.values(value).forEach(mendSchemas);
}

function isAnything(schema: Json): boolean {
  return typeof schema === 'object' && schema !== null && Object.keys(schema).length === 0;
}

/** Opens every schema: an answer may gain fields in a later version; only inputs are closed. */
export function openAnswers(value: Json): void {
  if (Array.isArray(value)) value.forEach(openAnswers);
  else if (typeof value === 'object' && value !== null) {
    if (value['additionalProperties'] === false) delete value['additionalProperties'];
    Object.values(value).forEach(openAnswers);
  }
}

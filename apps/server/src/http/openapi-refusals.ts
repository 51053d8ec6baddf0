import { ERROR_DETAILS } from '@online-cinema/contract/error-details';
import { ERRORS, type ErrorReason } from '@online-cinema/contract/errors';
import { z } from 'zod';
import { AppError } from '../lib/errors.ts';
import { statusOf, toProblem, toProblemBody } from '../lib/problems.ts';
import { exampleOf } from './openapi-examples.ts';
import { COMMON_HEADERS, HEADERS_OF_STATUS } from './openapi-headers.ts';
import { asArray, asObject, type Json, type JsonObject, toComponentName } from './openapi-json.ts';
import { REFUSALS } from './refusals.gen.ts';
import type { RestProcedure } from './rest.ts';

/** Tells why a procedure can refuse, by status: what its guard, input and body allow, and what its source says. */
export function refusalsOf({ path, meta }: RestProcedure): [status: number, reasons: ErrorReason[]][] {
  const { role, viewer, beforeTotp, binary, openapi } = meta;
  const isKnown = role !== undefined || viewer === true;
  const hasBody = openapi.method !== 'GET' && openapi.method !== 'DELETE';
  const general: [boolean, ErrorReason][] = [
    [true, 'invalid_input'],
    [isKnown, 'not_authenticated'],
    [role !== undefined && role !== 'user', 'not_allowed'],
    [isKnown && beforeTotp !== true, 'totp_setup_required'],
    [hasBody, 'request_timeout'],
    [hasBody, 'payload_too_large'],
    [hasBody, 'unsupported_media_type'],
    [binary !== undefined, binary?.refusal ?? 'unsupported_media_type'],
    [true, 'internal_error'],
    [true, 'unavailable'],
  ];
  const byStatus = new Map<number, Set<ErrorReason>>();
  const add = (status: number, reason: ErrorReason) =>
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(reason));
  for (const [applies, reason] of general) if (applies) add(statusOf(reason), reason);
  for (const [status, reasons] of Object.entries(REFUSALS[path] ?? {})) {
    for (const reason of reasons) add(Number(status), reason);
  }
  return [...byStatus].sort(([one], [other]) => one - other).map(([status, reasons]) => [status, [...reasons]]);
}

/** Answers of refusals; those that several procedures have are shared. */
export type RefusalAnswers = {
  /** The `responses` of a procedure that are refusals, by status. */
  describe(procedure: RestProcedure): JsonObject;
  /** What they refer to. */
  components: { responses: JsonObject; schemas: JsonObject };
};

/** Describes the refusals of all procedures. */
export function createRefusalAnswers(procedures: RestProcedure[]): RefusalAnswers {
  const uses = new Map<string, number>();
  for (const [status, reasons] of procedures.flatMap(refusalsOf)) {
    const name = nameOf(status, reasons);
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  const details = describeDetails();
  const components: RefusalAnswers['components'] = { responses: {}, schemas: { Problem: PROBLEM } };
  const take = (reason: ErrorReason) => {
    const name = `${toComponentName(reason)}Problem`;
    components.schemas[name] = details.get(reason) ?? {};
    return { $ref: `#/components/schemas/${name}` };
  };

  function describeAnswer(status: number, reasons: ErrorReason[]): JsonObject {
    const plain = reasons.filter((reason) => !details.has(reason));
    const schemas: Json[] = [
      ...(plain.length > 0 ? [problemOf(plain)] : []),
      ...reasons.filter((reason) => details.has(reason)).map(take),
    ];
    const [only] = schemas;
    const examples = reasons.map((reason): [string, JsonObject] => [
      reason,
      { value: exampleOfProblem(status, reason, asObject(details.get(reason))) },
    ]);
    return {
      description: reasons.map((reason) => `- \`${reason}\`: ${ERRORS[reason][1]}`).join('\n'),
      headers: { ...COMMON_HEADERS, ...HEADERS_OF_STATUS[status] },
      content: {
        'application/problem+json': {
          schema: schemas.length === 1 && only !== undefined ? only : { oneOf: schemas },
          examples: Object.fromEntries(examples),
        },
      },
    };
  }

  return {
    components,
    describe(procedure) {
      const answers = refusalsOf(procedure).map(([status, reasons]): [string, JsonObject] => {
        const name = nameOf(status, reasons);
        if ((uses.get(name) ?? 0) < 2) return [String(status), describeAnswer(status, reasons)];
        components.responses[name] ??= describeAnswer(status, reasons);
        return [String(status), { $ref: `#/components/responses/${name}` }];
      });
      return Object.fromEntries(answers);
    },
  };
}

// The same reason can come with another status than its own.
function nameOf(status: number, reasons: ErrorReason[]): string {
  const name = reasons.map(toComponentName).join('Or');
  return reasons.every((reason) => statusOf(reason) === status) ? name : `${name}${status}`;
}

function problemOf(reasons: ErrorReason[], { required = [], properties = {} }: JsonObject = {}): JsonObject {
  const more: JsonObject = {
    type: 'object',
    properties: { reason: { type: 'string', enum: reasons }, ...asObject(properties) },
  };
  if (asArray(required).length > 0) more['required'] = required;
  return { allOf: [{ $ref: '#/components/schemas/Problem' }, more] };
}

function describeDetails(): Map<ErrorReason, JsonObject> {
  const entries = Object.entries(ERROR_DETAILS) as [keyof typeof ERROR_DETAILS, z.ZodType][];
  return new Map(
    entries.map(([reason, schema]): [ErrorReason, JsonObject] => [
      reason,
      // What the rest of the document calls by a name is spelled out here.
      problemOf([reason], resolveDefinitions(z.toJSONSchema(schema, { unrepresentable: 'any' }) as JsonObject)),
    ]),
  );
}

function resolveDefinitions(schema: JsonObject): JsonObject {
  const definitions = asObject(schema['$defs']);
  const resolve = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const { $ref, ...rest } = value;
    const definition = typeof $ref === 'string' ? asObject(definitions[$ref.replace('#/$defs/', '')]) : {};
    return Object.fromEntries(
      Object.entries({ ...definition, ...rest })
        // The name of the definition itself, and that it is closed: answers may grow.
        .filter(([key, each]) => !(key === 'id' && typeof each === 'string') && key !== 'additionalProperties')
        .map(([key, each]) => [key, resolve(each)]),
    );
  };
  return asObject(resolve(schema));
}

function exampleOfProblem(status: number, reason: ErrorReason, schema: JsonObject): JsonObject {
  const [, details] = asArray(schema['allOf']);
  const { reason: _reason, ...more } = asObject(exampleOf(asObject(details)));
  const problem = { ...toProblem(new AppError(reason)), status, details: more };
  const issues = reason === 'invalid_input' && {
    issues: [{ path: ['limit'], message: 'Too big: expected number to be <=100' }],
  };
  return JSON.parse(JSON.stringify({ ...toProblemBody(problem, EXAMPLE_REQUEST_ID), ...issues })) as JsonObject;
}

const EXAMPLE_REQUEST_ID = 'b0f5a1de-6a0c-4a7e-9f43-2c1a4d1f7e55';

const REASONS = Object.keys(ERRORS) as ErrorReason[];

const PROBLEM: JsonObject = {
  type: 'object',
  description: 'RFC 9457. Branch on `reason`; `detail` is for people and may change.',
  required: ['type', 'title', 'status', 'detail', 'reason', 'requestId'],
  properties: {
    type: { type: 'string', description: 'The reason as a URN.' },
    title: { type: 'string' },
    status: {
      type: 'integer',
      enum: [...new Set(REASONS.map(statusOf))].sort((a, b) => a - b),
      description: 'That of the answer.',
    },
    detail: { type: 'string', description: 'A sentence for a person.' },
    reason: { type: 'string', enum: REASONS },
    requestId: { type: 'string', description: 'Names the request in the logs.' },
    issues: {
      type: 'array',
      description: 'What is wrong with the input, one for each wrong field.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'array', items: { type: ['string', 'integer'] } },
          message: { type: 'string' },
        },
      },
    },
  },
};

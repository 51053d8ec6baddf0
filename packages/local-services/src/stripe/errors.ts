/** Says what Stripe would say: an HTTP status and the fields of its error envelope. */
export class StripeApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly code: string | undefined;
  readonly param: string | undefined;
  /** The work had begun: the answer is remembered under the idempotency key. */
  readonly begun: boolean;

  constructor(
    status: number,
    error: { message: string; type?: string; code?: string; param?: string; begun?: boolean },
  ) {
    super(error.message);
    this.name = 'StripeApiError';
    this.status = status;
    this.type = error.type ?? 'invalid_request_error';
    this.code = error.code;
    this.param = error.param;
    this.begun = error.begun ?? false;
  }
}

/** Makes the error of a request whose parameters Stripe refuses (400). */
export function invalidRequest(message: string, details: { code?: string; param?: string } = {}): StripeApiError {
  return new StripeApiError(400, { message, ...details });
}

/** Makes the error of a well-formed request that the state of things forbids (400). */
export function forbiddenByState(message: string, details: { code?: string; param?: string } = {}): StripeApiError {
  return new StripeApiError(400, { message, begun: true, ...details });
}

/**
 * Makes the error of an id nobody knows.
 *
 * @param noun how Stripe names the resource in the sentence, for example `payment_intent`
 * @param status 404 when the id stands in the path, 400 when it is a parameter
 */
export function resourceMissing(noun: string, id: string, param = 'id', status: 400 | 404 = 404): StripeApiError {
  return new StripeApiError(status, { message: `No such ${noun}: '${id}'`, code: 'resource_missing', param });
}

/** Writes the body Stripe sends with an error. */
export function errorEnvelope(error: StripeApiError, requestId: string): object {
  return {
    error: {
      ...(error.code === undefined ? {} : { code: error.code, doc_url: docUrl(error.code) }),
      message: error.message,
      ...(error.param === undefined ? {} : { param: error.param }),
      request_log_url: `https://dashboard.stripe.com/test/logs/${requestId}`,
      type: error.type,
    },
  };
}

/** Gives the page of Stripe's manual that explains an error code. */
export function docUrl(code: string): string {
  return `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;
}

import { appendFileSync } from 'node:fs';
import type { Exchange } from './prism.ts';

/**
 * What can't go through Prism, and why. It reads every body as text, and JSON as what it means: bytes would arrive
 * damaged, and what is no JSON not at all. Streams of events and uploads by tus are no part of the document.
 */
const PAST_PRISM: Record<string, (url: URL, init: RequestInit, headers: Headers) => boolean> = {
  'pictures, films and other bodies that are no text': (_, { body }) => typeof body !== 'string' && Boolean(body),
  'answers that are bytes: a receipt as PDF': (_url, _init, headers) => /pdf/.test(headers.get('accept') ?? ''),
  'bodies that say JSON and are none, or are nothing': (_, { body }, headers) =>
    /json/.test(headers.get('content-type') ?? '') && typeof body === 'string' && !isSomething(body),
  'HEAD: it reads the answer that has no body as JSON': (_, { method }) => method === 'HEAD',
  'addresses that can not be decoded: it never answers': ({ pathname }) => !isSound(pathname),
};

const { PRISM_URL = '', PRISM_REPORT = '' } = process.env;
const PREFIX = '/api/v1/';
const fetchDirectly = globalThis.fetch;
const proxies = new Map<string, Promise<string>>();

// A test file calls several cinemas, each at a port of its own; each gets a proxy of its own.
globalThis.fetch = async (input, init = {}) => {
  if (input instanceof Request) return await fetchDirectly(input, init);
  const url = new URL(input);
  const isRest = url.hostname === '127.0.0.1' && url.pathname.startsWith(PREFIX);
  const isPast = Object.values(PAST_PRISM).some((applies) => applies(url, init, new Headers(init.headers)));
  if (!isRest || isPast) return await fetchDirectly(input, init);
  const proxy = proxies.get(url.origin) ?? findProxy(url.origin);
  proxies.set(url.origin, proxy);
  const answer = await fetchDirectly(`${await proxy}${url.pathname}${url.search}`, init);
  const exchange: Exchange = {
    method: init.method ?? 'GET',
    path: url.pathname,
    status: answer.status,
    isOurs: answer.headers.has('x-request-id'),
    violations: answer.headers.get('sl-violations') ?? '[]',
  };
  appendFileSync(PRISM_REPORT, `${JSON.stringify(exchange)}\n`);
  return answer;
};

async function findProxy(upstream: string): Promise<string> {
  const answer = await fetchDirectly(`${PRISM_URL}?upstream=${encodeURIComponent(upstream)}`);
  return await answer.text();
}

function isSomething(body: string): boolean {
  try {
    return Boolean(JSON.parse(body));
  } catch {
    return false;
  }
}

function isSound(pathname: string): boolean {
  try {
    return decodeURIComponent(pathname) !== '';
  } catch {
    return false;
  }
}

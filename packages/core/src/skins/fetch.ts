import type { Balancer } from "../balancer/balancer.ts";
import type { HeaderMap } from "../base/outcome.ts";
import type { Reply } from "../base/reply.ts";
import { checkMethods, checkTransport } from "../base/check-arguments.ts";
import { kindOf, misuse } from "../base/misuse.ts";
import { isServed, pathAndQuery } from "./doors.ts";
import { respond } from "./respond.ts";
import { TransportError, type Transport } from "../base/transport.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";

/** A function of the shape of the platform's `fetch`. */
export type Fetch = typeof globalThis.fetch;

/** Options of `createFetch`. */
export interface CreateFetchOptions {
  /**
   * Takes the requests that the balancer does not serve, such as those for files and batches; `fetch` sends them to the address that the SDK is configured
   * with, with the SDK's own key. Default: they are answered with 404.
   */
  readonly otherwise?: Fetch;
}

/**
 * A `fetch` that is the balancer: the paths that `respond` serves, at any host, are served by it, so that the official SDKs of Anthropic and OpenAI can
 * be given it. Everything else goes to `otherwise`, or is a 404. Rejects when the request's signal is aborted, and with mistakes of the transport's own.
 *
 * @throws TypeError where an argument is something else, such as `fetch` itself as transport.
 * @example
 * ```ts
 * const client = new Anthropic({ fetch: createFetch(balancer, fetchTransport(fetch), { otherwise: fetch }) });
 * ```
 */
export function createFetch(balancer: Balancer, transport: Transport, options: CreateFetchOptions = {}): Fetch {
  checkMethods("createFetch", balancer, ["open", "status"], "a balancer: new Balancer(config)");
  checkTransport("createFetch", transport);
  const { otherwise } = options;
  return async (input, init) => {
    if (otherwise && !isServed(methodOf(input, init), pathAndQuery(urlOf(input)).path)) return otherwise(input, init);
    const request = new Request(input, init);
    const { method, url, signal } = request;
    const headers = toHeaderMap(request.headers);
    const body = async () => new Uint8Array(await request.arrayBuffer());
    return toResponse(await respond(balancer, { method, url, headers, body }, transport, { signal }));
  };
}

function urlOf(input: Parameters<Fetch>[0]): string {
  if (typeof input === "string") return input;
  return input instanceof URL ? input.href : input.url;
}

function methodOf(input: Parameters<Fetch>[0], init: Parameters<Fetch>[1]): string {
  const own = typeof input === "string" || input instanceof URL ? "GET" : input.method;
  return (init?.method ?? own).toUpperCase();
}

/** A reply as a web-standard `Response`. Its body is pulled only as it is read; cancelling it cancels the upstream. */
export function toResponse({ status, headers, body }: Reply): Response {
  const content = ArrayBuffer.isView(body) ? new Uint8Array(body) : toStream(body);
  return new Response(content, { status, headers: { ...headers } });
}

/** A reply's body as a web-standard `ReadableStream`, whole bodies too: at most one chunk ahead of its reader. Cancelling it cancels the upstream. */
export function toReadableStream({ body }: Pick<Reply, "body">): ReadableStream<Uint8Array<ArrayBuffer>> {
  return toStream(ArrayBuffer.isView(body) ? once(body) : body);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

function toStream(body: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = body[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      else controller.enqueue(new Uint8Array(value));
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

/**
 * A transport over a WHATWG `fetch`. It follows no redirects. Such a `fetch` cannot be told a connect deadline, a fresh socket or a proxy, and
 * decompresses by itself: where those matter, use a transport of your own.
 */
export function fetchTransport(fetch: Fetch): Transport {
  if (typeof fetch !== "function") throw misuse("fetchTransport: fetch", `is ${kindOf(fetch)}`, "pass fetch");
  return async (request, { signal }) => {
    // The platform sets these itself, and some refuse to be told.
    const { "content-length": _length, "accept-encoding": _encoding, ...headers } = request.headers;
    const { method } = request;
    const body = method === "POST" ? { body: new Uint8Array(concatBytes(request.body)) } : {};
    const response = await fetch(request.url, { method, headers, ...body, redirect: "manual", signal });
    if (response.type === "opaqueredirect") throw new TransportError("the provider answered with a redirect");
    return { status: response.status, headers: toHeaderMap(response.headers), body: readStream(response.body) };
  };
}

async function* readStream(stream: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array, void, undefined> {
  if (stream === null) return;
  const reader = stream.getReader();
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) {
        isWhole = true;
        return;
      }
      yield value;
    }
  } finally {
    // A stream that failed by itself rejects its cancellation with the same error, which the reader has thrown already.
    if (!isWhole) await reader.cancel().catch(() => undefined);
  }
}

function toHeaderMap(headers: Headers): HeaderMap {
  return Object.fromEntries(headers);
}

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
 * Makes a `fetch` that is answered by the balancer, to be given to the official SDKs of Anthropic and OpenAI.
 * Requests to the paths that `respond` serves, at any host, go to the balancer. All others go to `otherwise`, or are
 * answered with 404. It rejects with the signal's reason if the request is aborted, and with errors that are mistakes
 * in the transport itself.
 *
 * @param balancer - chooses the provider of each request.
 * @param transport - moves requests to providers.
 * @param options - `otherwise`: a `fetch` for all other requests.
 * @returns a function with the signature of `fetch`.
 * @throws TypeError if an argument has the wrong type, such as `fetch` itself as transport.
 * @example
 * ```ts
 * const serve = createFetch(balancer, transport, { otherwise: fetch });
 * // new Anthropic({ apiKey: "unused", fetch: serve }) sends its requests through the balancer.
 * const response = await serve("https://api.anthropic.com/v1/messages", { method: "POST", body: JSON.stringify(request) });
 * console.log(response.status); // 200
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

/**
 * Converts a reply into a web-standard `Response`. Its body is pulled only as it is read. Cancelling it cancels the
 * upstream.
 *
 * @param reply - reply of `send`, `respond` or `countTokens`.
 * @returns the response, with the reply's status and headers.
 * @example
 * ```ts
 * const response = toResponse(await send(balancer.open(request), transport));
 * console.log(response.status, response.headers.get("content-type")); // 200 application/json
 * ```
 */
export function toResponse({ status, headers, body }: Reply): Response {
  const content = ArrayBuffer.isView(body) ? new Uint8Array(body) : toStream(body);
  return new Response(content, { status, headers: { ...headers } });
}

/**
 * Converts a reply's body into a web-standard stream, also one that is whole. At most one chunk is read ahead.
 * Cancelling the stream cancels the upstream.
 *
 * @param reply - reply of `send`, `respond` or `countTokens`.
 * @returns a stream of bytes. Read it once.
 * @example
 * ```ts
 * const reply = await send(balancer.open(request), transport);
 * console.log((await new Response(toReadableStream(reply)).text()).length > 0); // true
 * ```
 */
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
 * Makes a transport over a WHATWG `fetch`. It follows no redirect. Such a `fetch` has no connect deadline, cannot be
 * told to use a new connection or a proxy, and decompresses by itself: where that matters, write a transport of your
 * own.
 *
 * @param fetch - `globalThis.fetch`, or another function of the same signature.
 * @returns the transport. It rejects with a `TransportError` if the provider answers with a redirect.
 * @throws TypeError if `fetch` is no function.
 * @example
 * ```ts
 * const overFetch = fetchTransport(fetch);
 * const reply = await send(balancer.open(request), overFetch);
 * console.log(reply.status); // 200
 * ```
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

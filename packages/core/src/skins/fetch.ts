import type { Balancer } from "../balancer/balancer.ts";
import type { HeaderMap } from "../base/outcome.ts";
import type { Reply } from "../base/reply.ts";
import { respond } from "./respond.ts";
import { TransportError, type Transport } from "../base/transport.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";

/** A function of the shape of the platform's `fetch`. */
export type Fetch = typeof globalThis.fetch;

/**
 * A `fetch` that is the balancer: the paths that `respond` serves, at any host, are served by it, so that the official SDKs of Anthropic and OpenAI can
 * be given it. Everything else is a 404. Rejects only when the request's signal is aborted.
 */
export function createFetch(balancer: Balancer, transport: Transport): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { method, url, signal } = request;
    const headers = toHeaderMap(request.headers);
    const body = async () => new Uint8Array(await request.arrayBuffer());
    return toResponse(await respond(balancer, { method, url, headers, body }, transport, { signal }));
  };
}

/** A reply as a web-standard `Response`. Its body is pulled only as it is read; cancelling it cancels the upstream. */
export function toResponse({ status, headers, body }: Reply): Response {
  const content = ArrayBuffer.isView(body) ? new Uint8Array(body) : toStream(body);
  return new Response(content, { status, headers: { ...headers } });
}

/** Pulls only when pulled; cancelling the stream cancels the upstream. */
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

import type { Balancer } from "../balancer/balancer.ts";
import type { CancelSignal } from "../base/cancellation.ts";
import { countTokens } from "./count-tokens.ts";
import { sendWithEarlyHeaders } from "./early-headers.ts";
import { CcpbError } from "../base/errors.ts";
import type { HeaderMap } from "../base/outcome.ts";
import { errorReply } from "../dialects/messages/write-error.ts";
import type { Reply } from "../base/reply.ts";
import type { Transport } from "../base/transport.ts";

/** One HTTP request as any server has it: `url` with its query, absolute or from the path on. */
export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: HeaderMap;
  /** The client's bytes, or what reads them: called once, and only for a request that is served. */
  readonly body: Uint8Array | (() => Promise<Uint8Array>);
}

/** What `respond` may be told: `signal` is aborted when the client leaves, `callId` names the call (default: a new one). */
export interface RespondOptions {
  readonly signal?: CancelSignal;
  readonly callId?: string;
}

/**
 * Answers one HTTP request of the Messages API: `POST …/v1/messages` and `…/v1/messages/count_tokens` are served, everything else is a 404. An error
 * of the balancer's, or a `CcpbError` thrown while the body is read, is a reply in Anthropic's error shape; the headers name the provider
 * (`x-ccpb-provider`, percent-encoded where a header needs it) and count the attempts (`x-ccpb-attempts`), but where `earlyHeadersMs` had them sent
 * before a provider served. Rejects with the signal's reason when
 * the client left, and with whatever else the reading of the body throws.
 */
export async function respond(
  balancer: Balancer,
  request: HttpRequest,
  transport: Transport,
  options: RespondOptions = {},
): Promise<Reply> {
  const { signal, callId = balancer.newCallId() } = options;
  try {
    return withNames(await serve(balancer, request, transport, { callId, ...(signal && { signal }) }));
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    if (error instanceof CcpbError) return withNames(errorReply(error, callId));
    throw error;
  }
}

async function serve(
  balancer: Balancer,
  { method, url, headers, body }: HttpRequest,
  transport: Transport,
  { signal, callId }: RespondOptions & { readonly callId: string },
): Promise<Reply> {
  // No URL class: what a server hands over may be a path that it refuses, such as `//`.
  const [, path = "", query = ""] = /^(?:[a-z][a-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(\?[^#]*)?/i.exec(url) ?? [];
  const isCount = path.endsWith("/v1/messages/count_tokens");
  if (method !== "POST" || !(isCount || path.endsWith("/v1/messages"))) {
    throw new CcpbError("invalid_request", `${method} ${path} is not served by the balancer`, {
      status: 404,
      type: "not_found_error",
    });
  }
  const raw = { body: typeof body === "function" ? await body() : body, headers, query };
  const options = signal ? { signal } : {};
  return isCount
    ? countTokens(balancer, raw, transport, options)
    : sendWithEarlyHeaders(balancer.open(raw, { callId }), transport, {
        ...options,
        earlyHeadersMs: balancer.earlyHeadersMs,
      });
}

function withNames(reply: Reply): Reply {
  if (reply.pending !== undefined) return reply;
  // A header takes no CJK and the like: such a name is percent-encoded.
  const provider = /[^\u0020-\u007e]/.test(reply.provider) ? encodeURIComponent(reply.provider) : reply.provider;
  return {
    ...reply,
    headers: { ...reply.headers, "x-ccpb-provider": provider, "x-ccpb-attempts": String(reply.attempts) },
  };
}

import type { Balancer } from "../balancer/balancer.ts";
import type { CancelSignal } from "../base/cancellation.ts";
import { countTokens } from "./count-tokens.ts";
import { sendWithEarlyHeaders } from "./early-headers.ts";
import { checkBody, checkHeaders } from "../balancer/check-request.ts";
import { checkMethods, checkSignal, checkTransport } from "../base/check-arguments.ts";
import { kindOf, misuse } from "../base/misuse.ts";
import { jsonType } from "../dialects/reader.ts";
import { dialectOfPath, doorOf, isProbe, isRead, modelOfPath, pathAndQuery } from "./doors.ts";
import { modelsReply } from "./models.ts";
import { forwardCompact, forwardState } from "./forward.ts";
import { CcpbError } from "../base/errors.ts";
import type { HeaderMap } from "../base/outcome.ts";
import { errorReply } from "../dialects/write-error.ts";
import type { Reply } from "../base/reply.ts";
import type { Transport } from "../base/transport.ts";

/** HTTP request as any server has it. */
export interface HttpRequest {
  /** HTTP method, in capitals. */
  readonly method: string;
  /** URL with its query, absolute or from the path on. */
  readonly url: string;
  /** Headers, names in lower case. */
  readonly headers: HeaderMap;
  /** Bytes of the client, or a function that reads them: called once, and only for a request that is served. */
  readonly body: Uint8Array | (() => Promise<Uint8Array>);
}

/** Options of `respond`. */
export interface RespondOptions {
  /** Aborted when the client leaves. */
  readonly signal?: CancelSignal;
  /** Id of the call; default: a new one. */
  readonly callId?: string;
  /** Decides whether a provider, by its name, may serve the model that the client named. Default: all providers may. */
  readonly mayUse?: (provider: string, model: string) => boolean;
}

/**
 * Answers one HTTP request of the Messages, Chat Completions or Responses API, chosen by its path: `POST
 * …/v1/messages`, `…/v1/messages/count_tokens`, `…/chat/completions`, `…/responses`, `…/responses/input_tokens`,
 * `…/responses/compact`, stored responses, `GET …/v1/models` (see `modelsView`) and the probe `HEAD …/api/hello`.
 * Every other path is a 404.
 *
 * An error of the balancer's, or a `CcpbError` that was thrown while the body was read, becomes a reply in the error
 * shape of that API. Headers name the provider (`x-ccpb-provider`, percent-encoded where a header needs it) and count
 * the attempts (`x-ccpb-attempts`), unless `earlyHeadersMs` had them sent before a provider served.
 *
 * @param balancer - chooses the provider.
 * @param request - request as the server has it.
 * @param transport - moves requests to providers.
 * @param options - signal, id and restrictions of the call.
 * @returns the reply.
 * @throws the signal's reason if the client left, and what else reading the body throws.
 * @throws TypeError if an argument has the wrong type.
 * @example
 * ```ts
 * const body = new TextEncoder().encode(JSON.stringify(request));
 * const reply = await respond(balancer, { method: "POST", url: "/v1/messages", headers: {}, body }, transport);
 * console.log(reply.status, reply.headers["x-ccpb-provider"]); // 200 first
 * ```
 */
export async function respond(
  balancer: Balancer,
  request: HttpRequest,
  transport: Transport,
  options: RespondOptions = {},
): Promise<Reply> {
  checkMethods("respond", balancer, ["open", "status"], "a balancer: new Balancer(config)");
  checkHttpRequest(request);
  checkTransport("respond", transport);
  checkSignal("respond", options.signal);
  const { signal, callId = balancer.newCallId(), mayUse } = options;
  const { path, query } = pathAndQuery(request.url);
  try {
    const target = { path, query, callId, ...(signal && { signal }), ...(mayUse && { mayUse }) };
    return withNames(await serve(balancer, request, transport, target));
  } catch (error) {
    if (signal?.aborted === true) throw signal.reason;
    if (error instanceof CcpbError) return withNames(errorReply(error, callId, dialectOfPath(path)));
    throw error;
  }
}

const helloReply: Reply = {
  status: 200,
  headers: { "content-type": jsonType },
  body: new TextEncoder().encode('{"message":"hello"}'),
  provider: "",
  attempts: 0,
};

function checkHttpRequest(request: HttpRequest): void {
  if (typeof request?.method !== "string" || typeof request.url !== "string") {
    throw misuse("respond: the request", `is ${kindOf(request)}`, "pass { method, url, headers, body }");
  }
  checkHeaders("respond: headers", request.headers);
  if (typeof request.body !== "function") checkBody("respond: body", request.body);
}

interface Target extends RespondOptions {
  readonly callId: string;
  readonly path: string;
  readonly query: string;
}

async function serve(
  balancer: Balancer,
  { method, headers, body }: HttpRequest,
  transport: Transport,
  { signal, callId, path, query, mayUse }: Target,
): Promise<Reply> {
  if (isRead(method)) {
    const model = modelOfPath(path);
    const reply = model === undefined ? isProbe(path) && helloReply : modelsReply(balancer, { model, query, mayUse });
    if (reply) return method === "HEAD" ? { ...reply, body: new Uint8Array() } : reply;
  }
  const door = doorOf(method, path);
  if (door === undefined) {
    // Clients of OpenAI's APIs would be told that a model is missing: that is how `not_found_error` is written for them.
    const type = dialectOfPath(path) === "messages" ? "not_found_error" : "invalid_request_error";
    throw new CcpbError("invalid_request", `${method} ${path} is not served by the balancer`, { status: 404, type });
  }
  const options = { ...(signal && { signal }), ...(mayUse && { mayUse }) };
  if (door.type === "state") return forwardState(balancer, { method, door, headers, query }, transport, options);
  const raw = { body: typeof body === "function" ? await body() : body, headers, query };
  const { dialect } = door;
  switch (door.type) {
    case "count":
      return countTokens(balancer, raw, transport, { ...options, dialect });
    case "compact":
      return forwardCompact(balancer, raw, transport, options);
    case "answer": {
      const { earlyHeadersMs } = balancer;
      return sendWithEarlyHeaders(balancer.open(raw, { callId, dialect, ...(mayUse && { mayUse }) }), transport, {
        ...(signal && { signal }),
        earlyHeadersMs,
      });
    }
  }
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

import { brokenStreamEndingFor } from "../base/stream-failure.ts";
import type { Call, CallContext } from "../call/call-types.ts";
import { BalancerCall } from "../call/call.ts";
import { candidatesFor, withLogin } from "../call/candidates.ts";
import { withItems } from "../call/response-items.ts";
import type { Runtime, Snapshot } from "../call/runtime.ts";
import { holdersOfState, isOneNativeProvider } from "../call/state-holders.ts";
import { clientDialect } from "../dialects/client-side.ts";
import { headerValue } from "../dialects/headers.ts";
import { ClientRequest } from "../dialects/messages/client-request.ts";
import { isRawRequest, type RawRequest } from "../dialects/messages/raw-request.ts";
import { loginDigest } from "../dialects/messages/request-digests.ts";
import { threadRefusal } from "../policy/thread.ts";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { checkHeaders, checkRequest } from "./check-request.ts";
import { noCandidate, noneAllowed } from "./no-candidate.ts";

/** Configuration and shared state under which a call is opened. */
interface OpenParts {
  readonly snapshot: Snapshot;
  readonly runtime: Runtime;
  /** Counts the calls of a model, for the strategy `round_robin`. */
  readonly turnOf: (model: string) => number;
}

/** Makes an id for a call. */
export function newCallId({ generateId }: Runtime): string {
  return generateId("req_ccpb_");
}

/** Reads a request and finds the providers that may serve it; see `Balancer.open`. */
export function openCall(request: MessagesRequest | RawRequest, context: CallContext, parts: OpenParts): Call {
  const { snapshot, runtime, turnOf } = parts;
  checkRequest(request);
  checkHeaders("open: context.headers", context.headers);
  const { headers, query, dialect = "messages" } = context;
  const { responseItems } = runtime;
  const owner = context.client ?? loginDigest(headers ?? (isRawRequest(request) ? request.headers : undefined) ?? {});
  const whole = dialect === "responses" ? withItems(request, responseItems, owner) : request;
  const client = new ClientRequest(whole, {
    headers,
    query,
    hasTranslation: snapshot.hasTranslation,
    isMixed: snapshot.hasTranslation || snapshot.hasForeignSignatures,
    scanBody: runtime.scanBody,
    client: clientDialect(dialect),
    owner,
  });
  const { model, thread } = client.facts;
  const refused = context.refuseSession?.(client.sessionId);
  if (refused !== undefined) throw refused;
  const pin = snapshot.settings.allowProviderPin ? context.pin : undefined;
  const covering = candidatesFor(snapshot, model, pin);
  if (covering.length === 0) throw noCandidate(model, pin);
  const { mayUse } = context;
  const allowed = mayUse === undefined ? covering : covering.filter(({ provider }) => mayUse(provider, model));
  if (allowed.length === 0) throw noneAllowed(model);
  const candidates = holdersOfState(allowed, client, { snapshot, runtime });
  if (thread && !isOneNativeProvider(snapshot, candidates)) {
    throw threadRefusal(JSON.parse(client.threadText ?? "null"));
  }
  return new BalancerCall({
    id: context.callId ?? newCallId(runtime),
    request: client,
    candidates: withLogin(snapshot, candidates, client),
    snapshot,
    runtime,
    client: context.client,
    priority: context.priority,
    turn: turnOf(model),
    session: snapshot.settings.sessionAffinity === "session" ? client.sessionKey : undefined,
    brokenStreamEnding: brokenStreamEndingFor(
      snapshot.settings.streamFailure,
      headerValue(client.headers, "user-agent"),
    ),
  });
}

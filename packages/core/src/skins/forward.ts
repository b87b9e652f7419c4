import type { Balancer } from "../balancer/balancer.ts";
import type { CancelSignal } from "../base/cancellation.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import { CcpbError } from "../base/errors.ts";
import type { HeaderMap } from "../base/outcome.ts";
import type { Reply } from "../base/reply.ts";
import type { Candidate } from "../base/scope.ts";
import type { Transport, UpstreamRequest } from "../base/transport.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { spliceModel } from "../bytes/splice-model.ts";
import { AttemptCredential } from "../call/attempt-credential.ts";
import { candidatesFor } from "../call/candidates.ts";
import { rankCandidates } from "../call/rank-candidates.ts";
import { chooseDialect } from "../call/learned-dialects.ts";
import type { ResponseOwner } from "../call/response-owners.ts";
import { openaiUrl, withQuery } from "../call/build-request.ts";
import { authorizeFor, type Runtime, type Snapshot } from "../call/runtime.ts";
import { BodySource } from "../delivery/body-source.ts";
import { clientDialect } from "../dialects/client-side.ts";
import { answerHeaders, upstreamHeaders, withoutKeys } from "../dialects/headers.ts";
import { ClientRequest } from "../dialects/messages/client-request.ts";
import type { RawRequest } from "../dialects/messages/raw-request.ts";
import { jsonType } from "../dialects/reader.ts";
import type { Door } from "./doors.ts";

/** Passes a request on. `signal` is aborted when the client leaves. */
export interface ForwardOptions {
  readonly signal?: CancelSignal;
  /** Decides whether a provider, by its name, may be asked for the model that the client named. Default: all providers may. */
  readonly mayUse?: (provider: string, model: string) => boolean;
}

const totalMs = 120_000;
const maxBytes = 64 * 1024 * 1024;

/** A request about a response that a provider holds. */
export interface StateRequest {
  readonly method: string;
  readonly door: Extract<Door, { type: "state" }>;
  readonly headers: HeaderMap;
  readonly query: string;
}

/**
 * Passes a request about a stored response on to the provider that made it: `GET` and `DELETE /responses/{id}`, `/cancel` and `/input_items`.
 *
 * @throws `CcpbError` `invalid_request` (404) where it is not known who made it; `provider_error` (502) where that provider cannot be reached.
 */
export async function forwardState(
  balancer: Balancer,
  { method, door, headers, query }: StateRequest,
  transport: Transport,
  options: ForwardOptions = {},
): Promise<Reply> {
  const { id, rest } = door;
  const owner = balancer.inspect((snapshot, runtime) => runtime.responseOwners.ownerOf(id) ?? soleHolder(snapshot));
  const provider = owner && balancer.inspect(({ providers }) => providers.get(owner.provider));
  const isAllowed = owner !== undefined && options.mayUse?.(owner.provider, owner.requestedModel) !== false;
  if (!owner || !provider || !isAllowed) throw notFound(`Response with id '${id}' not found.`);
  const reply = await exchange(balancer, transport, {
    provider,
    request: {
      method: method === "GET" || method === "DELETE" ? method : "POST",
      url: withQuery(openaiUrl(provider.baseUrl, owner.model, `/responses/${id}${rest}`), query),
      headers: headersFor(provider, owner.keyIndex, { headers, length: 0 }),
      body: [],
    },
    ...options,
  });
  if (method === "DELETE" && reply.status === 200)
    balancer.inspect((_snapshot, { responseOwners }) => responseOwners.forget(id));
  return reply;
}

/** The only provider of a configuration holds whatever there is. */
function soleHolder({ providers }: Snapshot): ResponseOwner | undefined {
  const [only, ...others] = [...providers.values()].filter(({ enabled }) => enabled !== false);
  const isHolder = only?.type === "openai" && others.length === 0 && only.dialect !== "chat";
  return isHolder ? { provider: only.name, keyIndex: 0, model: "", requestedModel: "" } : undefined;
}

/**
 * Passes `POST /responses/compact` on to the first provider in today's order that speaks Responses and has it.
 *
 * @throws `CcpbError` `invalid_request` (404) where none does.
 */
export async function forwardCompact(
  balancer: Balancer,
  raw: RawRequest,
  transport: Transport,
  options: ForwardOptions = {},
): Promise<Reply> {
  const client = new ClientRequest(raw, { client: clientDialect("responses") });
  const compacting = balancer.inspect((snapshot, runtime) => whoCompacts(snapshot, runtime, client));
  for (const { provider, candidate } of compacting) {
    if (options.mayUse?.(provider.name, client.facts.model) === false) continue;
    const body = spliceModel(client.bytes, client.facts.modelRanges, candidate.model);
    const length = body.reduce((sum, part) => sum + part.length, 0);
    const reply = await exchange(balancer, transport, {
      provider,
      request: {
        method: "POST",
        url: withQuery(openaiUrl(provider.baseUrl, candidate.model, "/responses/compact"), client.query),
        headers: headersFor(provider, candidate.keyIndex, { headers: client.headers, length }),
        body,
      },
      ...options,
    }).catch((error: unknown) => {
      if (error instanceof CcpbError && error.code === "provider_error") return undefined;
      throw error;
    });
    if (reply && reply.status < 500 && !absent.has(reply.status)) return reply;
  }
  throw notFound("compact: no provider that is configured for this model has /responses/compact");
}

const absent: ReadonlySet<number> = new Set([401, 403, 404, 405, 429]);

interface Compacting {
  readonly provider: ProviderConfig;
  readonly candidate: Candidate;
}

function whoCompacts(snapshot: Snapshot, runtime: Runtime, client: ClientRequest): readonly Compacting[] {
  const candidates = candidatesFor(snapshot, client.facts.model, undefined);
  const ranked = rankCandidates(snapshot, runtime, candidates, { turn: 0, session: undefined, request: undefined });
  return ranked.flatMap(({ candidate, standing }) => {
    const provider = snapshot.providers.get(candidate.provider);
    if (standing === "open" || provider?.type !== "openai") return [];
    const learned = runtime.dialects.find(provider, candidate.model, runtime.clock.now());
    return chooseDialect(provider, candidate.model, client, learned) === "responses" ? [{ provider, candidate }] : [];
  });
}

function headersFor(
  provider: ProviderConfig,
  keyIndex: number,
  { headers, length }: { readonly headers: HeaderMap; readonly length: number },
): Record<string, string> {
  const needs = { keyIndex, contentLength: length, betas: null, client: "responses" } as const;
  const made = upstreamHeaders(provider, headers, needs);
  if (length === 0) delete made["content-type"];
  return made;
}

interface Passed extends ForwardOptions {
  readonly provider: ProviderConfig;
  readonly request: UpstreamRequest;
}

/** Sends one request and reads its whole answer, for up to two minutes and 64 MiB. */
async function exchange(
  balancer: Balancer,
  transport: Transport,
  { provider, request, signal }: Passed,
): Promise<Reply> {
  const { clock, authorize } = balancer.inspect((_snapshot, runtime) => ({
    clock: runtime.clock,
    authorize: authorizeFor(provider, runtime),
  }));
  const credential = new AttemptCredential({ provider, authorize, refused: undefined, hasAlternative: () => false });
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  using _deadline = clock.setTimer(totalMs, abort);
  signal?.addEventListener("abort", abort);
  if (signal?.aborted === true) abort();
  try {
    const upstream = await transport(await credential.putOn(request, controller.signal), {
      signal: controller.signal,
      connectTimeoutMs: provider.timeouts?.connectMs ?? 10_000,
      freshSocket: false,
      ...(provider.proxy !== undefined && { proxy: provider.proxy }),
      ...(provider.tls && { tls: provider.tls }),
    });
    const bytes = await readBody(new BodySource(upstream.body));
    const { auth } = credential.holder;
    const text = withoutKeys(new TextDecoder().decode(bytes), auth);
    const headers = { ...answerHeaders(upstream.headers, auth, "responses"), "content-type": jsonType };
    return {
      status: upstream.status,
      headers,
      body: new TextEncoder().encode(text),
      provider: provider.name,
      attempts: 1,
    };
  } catch (cause) {
    if (signal?.aborted === true) throw signal.reason;
    if (cause instanceof CcpbError) throw cause;
    const message = `provider ${JSON.stringify(provider.name)} could not be reached`;
    throw new CcpbError("provider_error", message, { status: 502, type: "api_error", cause });
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

async function readBody(source: BodySource): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const arrival = await source.next();
    if (arrival.type === "end") return concatBytes(parts);
    if (arrival.type !== "chunk") throw arrival.type === "error" ? arrival.cause : new Error("interrupted");
    parts.push(arrival.bytes);
    length += arrival.bytes.length;
    if (length <= maxBytes) continue;
    source.close();
    throw new CcpbError("provider_error", `the provider's answer is larger than ${maxBytes} bytes`, {
      status: 502,
      type: "api_error",
    });
  }
}

function notFound(message: string): CcpbError {
  return new CcpbError("invalid_request", message, { status: 404, type: "not_found_error", details: { code: null } });
}

import type { Authorize } from "../base/authorize.ts";
import type { Balancer } from "../balancer/balancer.ts";
import { candidatesFor } from "../call/candidates.ts";
import { rankCandidates } from "../call/rank-candidates.ts";
import type { DialectName } from "../base/dialect-name.ts";
import { clientDialect } from "../dialects/client-side.ts";
import type { CancelSignal } from "../base/cancellation.ts";
import type { Clock } from "../base/clock.ts";
import { isNative, type ProviderConfig } from "../base/config-types.ts";
import type { Candidate } from "../base/scope.ts";
import { isObject, isTokenCount } from "../base/json.ts";
import { BodySource } from "../delivery/body-source.ts";
import { readErrorBody } from "../delivery/error-body.ts";
import { jsonType } from "../dialects/reader.ts";
import { authorizeFor, type Runtime, type Snapshot } from "../call/runtime.ts";
import type { Reply } from "../base/reply.ts";
import { type PromptWeight, weighPrompt } from "../tokens/prompt-weight.ts";
import { textTokens } from "../tokens/text-tokens.ts";
import { taughtProvider } from "../call/taught-provider.ts";
import { firstChanges } from "../call/thinking-provenance.ts";
import { ClientRequest } from "../dialects/messages/client-request.ts";
import type { RawRequest } from "../dialects/messages/raw-request.ts";
import { answerHeaders } from "../dialects/headers.ts";
import { canCount, countRequest } from "../call/count-request.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";
import type { Transport } from "../base/transport.ts";

/** Options of `countTokens`. */
export interface CountTokensOptions {
  /** Aborted when the client leaves. */
  readonly signal?: CancelSignal;
  /** The API that the client speaks: Messages (default) or Responses. */
  readonly dialect?: DialectName;
  /**
   * A tokeniser for the local estimate, such as o200k in a thread of its own: the tokens of each text, or undefined where it could not count.
   * Default: an estimate from words, numbers and marks.
   */
  readonly countTexts?: (texts: readonly string[]) => Promise<readonly number[] | undefined>;
  /** Decides whether a provider, by its name, may be asked for a client's model. Default: all providers may. */
  readonly mayUse?: (provider: string, model: string) => boolean;
}

// Claude Code waits for the answer while it draws its context display. Both together stay below three seconds, with time to write the answer.
const askMs = 2_000;
const totalMs = 2_800;

/**
 * Counts the tokens of a request. Asks the first healthy provider that can count (one of the Messages API, or OpenAI
 * over Responses) for at most 2 s. If none answers, estimates here, with `x-ccpb-token-count: estimated`;
 * `countTexts` then has what is left of 2.8 s. The count is never 0, and no provider is cooled down.
 *
 * @param balancer - balancer whose providers may be asked.
 * @param request - bytes and headers of the request.
 * @param transport - moves the question over the network.
 * @param options - signal, API, tokeniser and restrictions.
 * @returns status 200 and the count in the shape of the client's API, within 3 s.
 * @throws CcpbError `invalid_request` if the body is no request of the API.
 * @throws the signal's reason if the client left.
 * @example
 * ```ts
 * const body = new TextEncoder().encode(JSON.stringify(request));
 * const reply = await countTokens(balancer, { body }, transport);
 * console.log(reply.status); // 200
 * ```
 */
export async function countTokens(
  balancer: Balancer,
  request: RawRequest,
  transport: Transport,
  options: CountTokensOptions = {},
): Promise<Reply> {
  const { dialect = "messages" } = options;
  const { clock, scanBody } = balancer.inspect((_snapshot, runtime) => runtime);
  const client = new ClientRequest(request, { scanBody, client: clientDialect(dialect) });
  const endAtMs = clock.now() + totalMs;
  const chosen = balancer.inspect((snapshot, runtime) => whoCounts(snapshot, runtime, client, options.mayUse));
  if (chosen) {
    const counted = await askInTime(chosen, client, transport, options);
    if (counted) return counted;
    if (options.signal?.aborted === true) throw options.signal.reason;
  }
  const weight = await weigh(client, options, (counts) => within(counts, endAtMs - clock.now(), clock));
  const tokens = balancer.inspect((snapshot, runtime) => estimateAtFirst(snapshot, runtime, client, weight));
  const body = new TextEncoder().encode(countText(dialect, tokens));
  const headers = { "content-type": jsonType, "x-ccpb-token-count": "estimated" };
  return { status: 200, headers, body, provider: "", attempts: 0 };
}

/** Resolves as `promise` does, or with undefined after `ms` milliseconds or a rejection. A later result is dropped. */
function within<Value>(promise: Promise<Value>, ms: number, clock: Clock): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(ms, () => resolve(undefined));
    const settle = (value: Value | undefined): void => {
      timer[Symbol.dispose]();
      resolve(value);
    };
    promise.then(settle, () => settle(undefined));
  });
}

type Counts = readonly number[] | undefined;

/** The prompt by the tokeniser where there is one and it answers in time. */
async function weigh(
  { parsed }: ClientRequest,
  { countTexts }: CountTokensOptions,
  inTime: (counts: Promise<Counts>) => Promise<Counts>,
): Promise<PromptWeight> {
  const texts: string[] = [];
  const weight = weighPrompt(parsed, (text) => {
    texts.push(text);
    return textTokens(text);
  });
  const counts = countTexts && (await inTime(countTexts(texts)));
  if (counts?.length !== texts.length) return weight;
  let next = 0;
  return weighPrompt(parsed, () => counts[next++] ?? 0); // texts come in the same order again
}

/** For the model that would serve the request now. */
function estimateAtFirst(snapshot: Snapshot, runtime: Runtime, client: ClientRequest, weight: PromptWeight): number {
  const candidates = candidatesFor(snapshot, client.facts.model, undefined);
  const [first] = rankCandidates(snapshot, runtime, candidates, { turn: 0, session: undefined, request: undefined });
  const { provider = "", model = client.facts.model } = first?.candidate ?? {};
  return runtime.tokenFactors.estimate(weight, provider, model);
}

interface Chosen {
  readonly authorize: Authorize | undefined;
  readonly provider: ProviderConfig;
  readonly candidate: Candidate;
  readonly changes: RequestChanges;
  readonly clock: Clock;
}

/** The first provider in today's order that can count and is not cooling down. */
function whoCounts(
  snapshot: Snapshot,
  runtime: Runtime,
  client: ClientRequest,
  mayUse: CountTokensOptions["mayUse"] = () => true,
): Chosen | undefined {
  const { model } = client.facts;
  const candidates = candidatesFor(snapshot, model, undefined).filter(({ provider }) => mayUse(provider, model));
  const ranked = rankCandidates(snapshot, runtime, candidates, { turn: 0, session: undefined, request: undefined });
  for (const { candidate, standing } of ranked) {
    const configured = snapshot.providers.get(candidate.provider);
    if (standing === "open" || !configured) continue;
    const changes = firstChanges(configured, candidate.model, runtime);
    const provider = taughtProvider(configured, candidate.model, changes.lessons);
    if (canCount(provider, candidate.model, client, changes.dialect))
      return { provider, candidate, changes, clock: runtime.clock, authorize: authorizeFor(provider, runtime) };
  }
  return undefined;
}

/** Asks the provider; undefined where it gives no count within `askMs`, or the client leaves. A transport that ignores its signal is not waited for. */
async function askInTime(
  chosen: Chosen,
  client: ClientRequest,
  transport: Transport,
  { signal }: CountTokensOptions,
): Promise<Reply | undefined> {
  const controller = new AbortController();
  let leave = (): void => undefined;
  const left = new Promise<undefined>((resolve) => (leave = () => resolve(undefined)));
  signal?.addEventListener("abort", leave);
  if (signal?.aborted === true) leave();
  try {
    const answer = ask(chosen, client, transport, controller.signal);
    return await within(Promise.race([answer, left]), askMs, chosen.clock);
  } finally {
    signal?.removeEventListener("abort", leave);
    controller.abort();
  }
}

async function ask(
  { provider, candidate, changes, clock, authorize }: Chosen,
  client: ClientRequest,
  transport: Transport,
  signal: AbortSignal,
): Promise<Reply | undefined> {
  try {
    const request = countRequest(provider, candidate, client, changes);
    // The estimate is the alternative: no credential is waited for.
    const credential = await authorize?.(request, { signal, refused: undefined, hasAlternative: true });
    const upstream = await transport(
      { ...request, headers: { ...request.headers, ...credential } },
      {
        signal,
        connectTimeoutMs: provider.timeouts?.connectMs ?? askMs,
        freshSocket: false,
        ...(provider.proxy !== undefined && { proxy: provider.proxy }),
        ...(provider.tls && { tls: provider.tls }),
      },
    );
    const source = new BodySource(upstream.body);
    // An answer that comes too late is not read.
    const text = signal.aborted ? "" : await readErrorBody(source, clock);
    source.close();
    const tokens = upstream.status === 200 ? readCount(text) : undefined;
    if (tokens === undefined) return undefined;
    // Bedrock has another name for the number.
    const isOfMessages = isNative(provider.type) && provider.type !== "bedrock";
    const isOwn = isNative(provider.type)
      ? isOfMessages && client.dialect === "messages"
      : client.dialect === "responses";
    const answer = isOwn ? text : countText(client.dialect, tokens);
    const headers = { ...answerHeaders(upstream.headers, provider.auth, client.dialect), "content-type": jsonType };
    return { status: 200, headers, body: new TextEncoder().encode(answer), provider: provider.name, attempts: 1 };
  } catch {
    return undefined; // whatever failed here, the estimate answers
  }
}

/** A count in the words of the client's API. */
function countText(dialect: DialectName, tokens: number): string {
  const object = dialect === "responses" ? { object: "response.input_tokens" } : {};
  return JSON.stringify({ ...object, input_tokens: tokens });
}

function readCount(text: string): number | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const tokens = isObject(body) ? (body["input_tokens"] ?? body["inputTokens"]) : undefined;
    return isTokenCount(tokens) && tokens > 0 ? tokens : undefined;
  } catch {
    return undefined; // not JSON: no count
  }
}

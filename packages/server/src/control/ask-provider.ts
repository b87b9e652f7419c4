import {
  type AttemptTrace,
  type Authorize,
  Balancer,
  type BalancerConfig,
  type Call,
  CcpbError,
  type ProviderConfig,
  send,
  type TimeoutsMs,
  type Transport,
} from "@ccpb/core";
import { reasonInFull } from "../base/reason-text.ts";

/** Asked for where a provider passes the client's model through: the cheapest that Anthropic's own API has. */
const cheapModel = "claude-haiku-4-5";
/** A provider that is only asked whether it answers has less time than one that serves. */
export const timeouts: Partial<TimeoutsMs> = { responseMs: 30_000, totalMs: 60_000, callMs: 60_000 };
// OpenAI's reasoning models cannot think within one token; this error shows that the credential was accepted and the model exists.
const outOfTokens = /max_tokens or model output limit was reached/i;

/** Records the answer of one provider, or of one of its keys. */
export interface LiveResult {
  readonly provider: string;
  /** Number of the provider's key, from 1; null where it has one key or none. */
  readonly key: number | null;
  /** The upstream model that was asked for. */
  readonly model: string;
  readonly outcome: "answered" | "failed" | "skipped";
  readonly durationMs?: number;
  readonly detail: string;
}

/** Options for asking providers. */
export interface AskOptions {
  readonly transport: Transport;
  readonly authorize: (provider: ProviderConfig) => Authorize | undefined;
  /** The upstream model; absent: the smallest that the provider is configured for. */
  readonly model: string | undefined;
  /** Only this key, from 0; absent: each of them. */
  readonly keyIndex?: number | undefined;
}

/** Asks a provider for one token, with each of its keys. Its health is neither heeded nor changed. */
export async function askProvider(
  provider: ProviderConfig,
  config: BalancerConfig,
  { transport, authorize, model = modelOf(provider, config), keyIndex }: AskOptions,
): Promise<LiveResult[]> {
  const { auth, name } = provider;
  if (auth.type === "passthrough") {
    const detail = "not asked: it takes the client's own credential";
    return [{ provider: name, key: null, model, outcome: "skipped", detail }];
  }
  const { models: _models, ...rest } = provider;
  const auths = "keys" in auth ? auth.keys.map((key) => ({ ...auth, keys: [key] })) : [auth];
  const asked = auths.map((single, index) => ({ single, index }));
  return Promise.all(
    asked
      .filter(({ index }) => keyIndex === undefined || index === keyIndex)
      .map(({ single, index }) => {
        const only = {
          ...rest,
          bigModel: model,
          smallModel: model,
          auth: single,
          timeouts: { ...provider.timeouts, ...timeouts },
        };
        const place = { provider: name, key: auths.length > 1 ? index + 1 : null, model };
        const checked = { providers: [only], settings: config.settings ?? {} };
        return askOnce(checked, { place, transport, authorize });
      }),
  );
}

/** The upstream model that the provider is asked for: the smallest that it is configured for. */
function modelOf(provider: ProviderConfig, config: BalancerConfig): string {
  return modelsOf(provider, config)[0] ?? cheapModel;
}

/** Lists the upstream models that a provider is configured for, each once, the smallest first. */
export function modelsOf(
  { name, smallModel, bigModel, models = [] }: ProviderConfig,
  { routes = [] }: BalancerConfig,
): readonly string[] {
  const routed = routes.flatMap(({ candidates }) => candidates.filter(({ provider }) => provider === name));
  const known = [smallModel, bigModel, ...models.map(({ model }) => model), ...routed.map(({ model }) => model)];
  return [...new Set(known)].flatMap((model) => (model === undefined || model === "passthrough" ? [] : [model]));
}

async function askOnce(
  config: BalancerConfig,
  {
    place,
    transport,
    authorize,
  }: Pick<AskOptions, "transport" | "authorize"> & { readonly place: Pick<LiveResult, "provider" | "key" | "model"> },
): Promise<LiveResult> {
  using balancer = new Balancer(config, { authorize });
  let last: AttemptTrace | undefined;
  balancer.on("attempt-end", (trace) => (last = trace));
  const startedAtMs = performance.now();
  const body = { model: cheapModel, max_tokens: 1, messages: [{ role: "user" as const, content: "Hi" }] };
  const { status, text } = await answerOf(balancer.open(body), transport);
  const result = { ...place, durationMs: performance.now() - startedAtMs };
  if (status === 200) return { ...result, outcome: "answered", detail: "" };
  if (status === 400 && outOfTokens.test(text)) {
    return { ...result, outcome: "answered", detail: "cannot answer in one token" };
  }
  const reason = last?.reason;
  const detail = reason === undefined ? `${status}: ${messageOf(text)}` : reasonInFull(reason);
  return { ...result, outcome: "failed", detail };
}

/** Sends a call and reads the whole of its answer; an answer of the balancer's own counts as one. */
export async function answerOf(
  call: Call,
  transport: Transport,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const { status, body } = await send(call, transport);
    return { status, text: await textOf(body) };
  } catch (error) {
    if (error instanceof CcpbError) return { status: error.status, text: error.message };
    throw error;
  }
}

async function textOf(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** Returns the message of an error body. */
export function messageOf(text: string): string {
  const match = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text);
  return match?.[1] === undefined ? text.slice(0, 200) : String(JSON.parse(match[1]));
}

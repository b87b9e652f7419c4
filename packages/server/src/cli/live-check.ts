import {
  Balancer,
  CcpbError,
  send,
  systemClock,
  type AttemptTrace,
  type BalancerConfig,
  type Call,
  type ProviderConfig,
  type TimeoutsMs,
  type Transport,
} from "@ccpb/core";
import { createColors } from "picocolors";
import { reasonInFull } from "../base/reason-text.ts";
import { Authorizers } from "../transport/authorize/authorizers.ts";
import { createHttpTransport } from "../transport/transport.ts";
import { hasColor, widthOf } from "./output.ts";
import { renderTable, type TableCell } from "./text-table.ts";

// Asked for where a provider passes the client's model through: the cheapest that Anthropic's own API has.
const cheapModel = "claude-haiku-4-5";
const timeouts: Partial<TimeoutsMs> = { responseMs: 30_000, totalMs: 60_000, callMs: 60_000 };
// OpenAI's reasoning models cannot think within one token; whoever says so has let us in and knows the model.
const outOfTokens = /max_tokens or model output limit was reached/i;

/** How one provider, or one of its keys, answered. */
export interface LiveResult {
  readonly provider: string;
  /** Which of the provider's keys, from 1; null where it has one alone, or none. */
  readonly key: number | null;
  /** The upstream model that was asked for. */
  readonly model: string;
  readonly outcome: "answered" | "failed" | "skipped";
  readonly durationMs?: number;
  readonly detail: string;
}

/**
 * Asks every enabled provider, with each of its keys, for one token. `model` replaces the model that is asked for. Says on a terminal's stderr that it
 * does so.
 */
export async function askProviders(
  config: BalancerConfig,
  { model }: { readonly model?: string } = {},
): Promise<readonly LiveResult[]> {
  const transport = createHttpTransport({ environment: process.env });
  const authorizers = new Authorizers({ clock: systemClock, onRenewalFailure: () => undefined });
  const enabled = config.providers.filter(({ enabled = true }) => enabled);
  const isTerminal = process.stderr.isTTY;
  if (isTerminal) process.stderr.write(`asking ${enabled.length} ${enabled.length === 1 ? "provider" : "providers"} …`);
  try {
    const asked = enabled.map((provider) =>
      askProvider(provider, config, { transport: transport.send, authorizers, model }),
    );
    const results = (await Promise.all(asked)).flat();
    if (isTerminal) process.stderr.write("\r\u001b[K");
    return results;
  } finally {
    authorizers.close();
    transport.close();
  }
}

interface AskOptions {
  readonly transport: Transport;
  readonly authorizers: Authorizers;
  readonly model: string | undefined;
}

async function askProvider(
  provider: ProviderConfig,
  config: BalancerConfig,
  { transport, authorizers, model = modelOf(provider, config) }: AskOptions,
): Promise<LiveResult[]> {
  const { auth, name } = provider;
  if (auth.type === "passthrough") {
    const detail = "not asked: it takes the client's own credential";
    return [{ provider: name, key: null, model, outcome: "skipped", detail }];
  }
  const { models: _models, ...rest } = provider;
  const auths = "keys" in auth ? auth.keys.map((key) => ({ ...auth, keys: [key] })) : [auth];
  return Promise.all(
    auths.map((single, index) => {
      const only = {
        ...rest,
        bigModel: model,
        smallModel: model,
        auth: single,
        timeouts: { ...provider.timeouts, ...timeouts },
      };
      const asked = { provider: name, key: auths.length > 1 ? index + 1 : null, model };
      const checked = { providers: [only], settings: config.settings ?? {} };
      return askOnce(checked, { asked, transport, authorizers });
    }),
  );
}

/** An upstream model that the provider is configured for; the smallest first. */
function modelOf({ name, smallModel, bigModel, models = [] }: ProviderConfig, { routes = [] }: BalancerConfig): string {
  const routed = routes.flatMap(({ candidates }) => candidates.filter(({ provider }) => provider === name));
  const known = [smallModel, bigModel, ...models.map(({ model }) => model), ...routed.map(({ model }) => model)];
  return known.find((model) => model !== undefined && model !== "passthrough") ?? cheapModel;
}

async function askOnce(
  config: BalancerConfig,
  {
    asked,
    transport,
    authorizers,
  }: Omit<AskOptions, "model"> & { readonly asked: Pick<LiveResult, "provider" | "key" | "model"> },
): Promise<LiveResult> {
  using balancer = new Balancer(config, { authorize: authorizers.find });
  let last: AttemptTrace | undefined;
  balancer.on("attempt-end", (trace) => (last = trace));
  const startedAtMs = performance.now();
  const body = { model: cheapModel, max_tokens: 1, messages: [{ role: "user" as const, content: "Hi" }] };
  const { status, text } = await answerOf(balancer.open(body), transport);
  const result = { ...asked, durationMs: performance.now() - startedAtMs };
  if (status === 200) return { ...result, outcome: "answered", detail: "" };
  if (status === 400 && outOfTokens.test(text)) {
    return { ...result, outcome: "answered", detail: "cannot answer in one token" };
  }
  const reason = last?.reason;
  const detail = reason === undefined ? `${status}: ${messageOf(text)}` : reasonInFull(reason);
  return { ...result, outcome: "failed", detail };
}

async function answerOf(call: Call, transport: Transport): Promise<{ readonly status: number; readonly text: string }> {
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

function messageOf(text: string): string {
  const match = /"message"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text);
  return match?.[1] === undefined ? text.slice(0, 200) : String(JSON.parse(match[1]));
}

/** Returns the results as a table for people. */
export function renderResults(results: readonly LiveResult[]): string {
  const colors = createColors(hasColor(process.stdout));
  const marks = {
    answered: { text: "✓", paint: colors.green },
    failed: { text: "✗", paint: colors.red },
    skipped: { text: "–", paint: colors.dim },
  } as const;
  const rows = results.map(({ provider, key, model, outcome, durationMs, detail }): TableCell[] => [
    marks[outcome],
    { text: key === null ? provider : `${provider} (key ${key})` },
    { text: model },
    { text: durationMs === undefined ? "" : `${Math.round(durationMs)} ms`, align: "right" },
    {
      text: outcome === "answered" && detail === "" ? "answered" : detail,
      paint: outcome === "failed" ? colors.red : colors.dim,
    },
  ]);
  return renderTable(rows, widthOf(process.stdout));
}

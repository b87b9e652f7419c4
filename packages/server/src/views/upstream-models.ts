import { createHash } from "node:crypto";
import { type Authorize, type BalancerConfig, type ListedModel, type ProviderConfig, type Transport } from "@ccpb/core";
import { modelsRequest } from "@ccpb/core/internal";
import { isObject } from "../base/json-object.ts";

/** Client that asks for models, and the way to providers. */
export interface ModelsQuestion {
  readonly config: BalancerConfig;
  readonly transport: Transport;
  /** Finds the function that gives a provider its credential. */
  readonly authorize: (provider: ProviderConfig) => Authorize | undefined;
  /** The client's headers: its credential pays where a provider passes it on. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface Entry {
  models: readonly ListedModel[];
  /** Time from which on the list is asked for again, in milliseconds of `now`. */
  staleAtMs: number;
  pending: Promise<void> | undefined;
}

const freshMs = 600_000;
const retryMs = 60_000; // after a failure
const waitMs = 2_000; // Claude Code gives its discovery 3 s
const askMs = 10_000;
const maxBytes = 4_000_000;
const maxModels = 1_000;
const maxIdLength = 512;
const maxLists = 50;

/**
 * The models that providers list themselves, of those that are asked for the client's own names (`passthrough`). A list is kept for ten minutes and asked
 * for again behind the answer; a client waits two seconds at most for one that is not there yet. Bounded at 50 lists of 1,000 models.
 */
export class UpstreamModels {
  readonly #lists = new Map<string, Entry>();
  readonly #now: () => number;

  /** `now`: milliseconds that never run backwards. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** The lists by provider, in the order of the configuration; those that could not be had are left out. */
  async all(question: ModelsQuestion): Promise<ReadonlyMap<string, readonly ListedModel[]>> {
    const asked = question.config.providers
      .filter((provider) => passesNames(provider, question))
      .map((provider) => ({ provider, entry: this.#entryOf(provider, question) }));
    const waits = asked.flatMap(({ entry }) => (entry.models.length === 0 && entry.pending ? [entry.pending] : []));
    if (waits.length > 0) await settledWithin(waits, waitMs);
    return new Map(asked.map(({ provider, entry }) => [provider.name, entry.models]));
  }

  #entryOf(provider: ProviderConfig, question: ModelsQuestion): Entry {
    const request = modelsRequest(provider, question.headers);
    const whose = [request.url, request.headers["authorization"], request.headers["x-api-key"]];
    const key = createHash("sha256").update(JSON.stringify(whose)).digest("base64");
    const known = this.#lists.get(key);
    const entry = known ?? { models: [], staleAtMs: Number.NEGATIVE_INFINITY, pending: undefined };
    this.#lists.delete(key);
    this.#lists.set(key, entry);
    const [oldest] = this.#lists.keys();
    if (this.#lists.size > maxLists && oldest !== undefined) this.#lists.delete(oldest);
    if (entry.pending === undefined && this.#now() >= entry.staleAtMs) {
      entry.pending = this.#ask(entry, provider, question).finally(() => (entry.pending = undefined));
    }
    return entry;
  }

  async #ask(entry: Entry, provider: ProviderConfig, question: ModelsQuestion): Promise<void> {
    const { transport, authorize, headers } = question;
    try {
      const signal = AbortSignal.timeout(askMs);
      const request = modelsRequest(provider, headers);
      const credential = await authorize(provider)?.(request, { signal, refused: undefined, hasAlternative: false });
      const reply = await transport(
        { ...request, headers: { ...request.headers, ...credential } },
        {
          signal,
          connectTimeoutMs: waitMs,
          freshSocket: false,
          ...(provider.proxy !== undefined && { proxy: provider.proxy }),
          ...(provider.tls && { tls: provider.tls }),
        },
      );
      const text = await readText(reply.body);
      if (reply.status !== 200) throw new Error(`status ${reply.status}`);
      entry.models = readList(JSON.parse(text));
      entry.staleAtMs = this.#now() + freshMs;
    } catch {
      // A provider without such a list, or one that is out, changes nothing: what is configured is listed anyway.
      entry.staleAtMs = this.#now() + retryMs;
    }
  }
}

/** Decides whether a provider serves names that the configuration does not hold, and can be asked for its list. */
function passesNames(provider: ProviderConfig, { config, headers }: ModelsQuestion): boolean {
  const { type, enabled = true, auth, bigModel, smallModel, models = [] } = provider;
  // The clouds list their models elsewhere, and by names of their own.
  if (type === "bedrock" || type === "vertex") return false;
  const hasCredential = auth.type !== "passthrough" || Boolean(headers["authorization"] ?? headers["x-api-key"]);
  const isRouted = (config.routes ?? []).some(({ candidates }) =>
    candidates.some((candidate) => candidate.provider === provider.name && candidate.model === "passthrough"),
  );
  const passes = [bigModel, smallModel, ...models.map(({ model }) => model)].includes("passthrough") || isRouted;
  return enabled && hasCredential && passes;
}

async function settledWithin(waits: readonly Promise<void>[], ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  try {
    await Promise.race([Promise.all(waits), over]);
  } finally {
    clearTimeout(timer);
  }
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw new Error("the list of models is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The models of a list in the shape of Anthropic's API, or of OpenAI's; entries that are none are passed over. */
function readList(value: unknown): readonly ListedModel[] {
  const data: unknown = isObject(value) ? (value["data"] ?? value["models"]) : value;
  return Array.isArray(data) ? data.slice(0, maxModels).flatMap(readModel) : [];
}

function readModel(entry: unknown): readonly ListedModel[] {
  if (!isObject(entry)) return [];
  const { id, display_name: displayName, created_at: createdAt, max_input_tokens: input, max_tokens: output } = entry;
  if (typeof id !== "string" || id === "" || id.length > maxIdLength || /[^ -~]/.test(id)) return [];
  return [
    {
      id,
      displayName: typeof displayName === "string" ? displayName.slice(0, maxIdLength) : null,
      createdAt: typeof createdAt === "string" && !Number.isNaN(Date.parse(createdAt)) ? createdAt : null,
      maxInputTokens: tokens(input),
      maxTokens: tokens(output),
    },
  ];
}

function tokens(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : null;
}

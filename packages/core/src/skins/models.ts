import type { Balancer } from "../balancer/balancer.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import { CcpbError } from "../base/errors.ts";
import { jsonType } from "../dialects/reader.ts";
import type { Reply } from "../base/reply.ts";

/** Model of a provider's own list. `null`: the list does not say. */
export interface ListedModel {
  /** Name to ask for the model by. */
  readonly id: string;
  /** Name for people. */
  readonly displayName: string | null;
  /** Time at which the model was published, as RFC 3339 date and time. */
  readonly createdAt: string | null;
  /** Context window, in tokens. */
  readonly maxInputTokens: number | null;
  /** Largest `max_tokens`, in tokens. */
  readonly maxTokens: number | null;
}

/**
 * Model in a form that the SDKs of Anthropic and OpenAI both declare. `null`: not known.
 *
 * @see https://docs.anthropic.com/en/api/models-list
 */
export interface ModelEntry {
  /** Anthropic's discriminator. */
  readonly type: "model";
  /** Name to ask for the model by. */
  readonly id: string;
  /** OpenAI's discriminator. */
  readonly object: "model";
  /** OpenAI's `created`: seconds since the Unix epoch; always 0. */
  readonly created: 0;
  /** OpenAI's owner of the model; always `ccpb`. */
  readonly owned_by: "ccpb";
  /** Name for people. */
  readonly display_name: string;
  /** Time at which the model was published, as RFC 3339 date and time; the epoch if unknown. */
  readonly created_at: string;
  /** Always `active`. */
  readonly lifecycle: "active";
  /** Always `null`: unknown. */
  readonly capabilities: null;
  /** Always `null`: unknown. */
  readonly line: null;
  /** Context window, in tokens. */
  readonly max_input_tokens: number | null;
  /** Largest `max_tokens`, in tokens. */
  readonly max_tokens: number | null;
  /** Always `null`: unknown. */
  readonly deprecated_at: null;
  /** Always `null`: unknown. */
  readonly retires_at: null;
}

/** Answer of `GET /v1/models`: the list of Anthropic's API, with the member `object` for clients of OpenAI's API. */
export interface ModelsPage {
  /** OpenAI's discriminator. */
  readonly object: "list";
  /** Models of this page. */
  readonly data: readonly ModelEntry[];
  /** True if more models follow in the direction of the query. */
  readonly has_more: boolean;
  /** Id of the first model of the page; `null` if the page is empty. */
  readonly first_id: string | null;
  /** Id of the last model of the page; `null` if the page is empty. */
  readonly last_id: string | null;
}

const maxPage = 1_000;

/**
 * Cuts one page out of a list of models.
 *
 * @param models - the whole list, from `modelsView`.
 * @param query - `limit` (1 to 1,000; default 1,000), `after_id`, `before_id`. An unknown id is ignored.
 * @returns the page.
 * @example
 * ```ts
 * const page = modelsPage(modelsView(balancer), new URLSearchParams({ limit: "1" }));
 * console.log(page.data.length); // 1
 * ```
 */
export function modelsPage(models: readonly ModelEntry[], query: URLSearchParams): ModelsPage {
  const limit = Math.min(maxPage, Math.max(1, Math.trunc(Number(query.get("limit") ?? maxPage)) || maxPage));
  const placeOf = (name: string): number => models.findIndex(({ id }) => id === query.get(name));
  const before = query.has("before_id") ? placeOf("before_id") : -1;
  const candidates = before === -1 ? models.slice(placeOf("after_id") + 1) : models.slice(0, before);
  const data = before === -1 ? candidates.slice(0, limit) : candidates.slice(-limit);
  const has_more = data.length < candidates.length;
  return { object: "list", data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

/** Options of the list of models, beside the configuration of the balancer. */
export interface ModelSources {
  /** Names under which models were served. Default: none. */
  readonly served?: readonly string[];
  /** Models that providers list themselves, by the provider's name. Default: none. */
  readonly listed?: ReadonlyMap<string, readonly ListedModel[]>;
  /** Decides whether a provider, by its name, may serve the model that the client names. Default: all providers may. */
  readonly mayUse?: ((provider: string, model: string) => boolean) | undefined;
}

const nothingListed: ReadonlyMap<string, readonly ListedModel[]> = new Map();

// Claude Code's discovery (CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY) takes no other names.
const discovered = /claude|anthropic/i;
const classNames: readonly string[] = ["claude-opus", "claude-sonnet", "claude-haiku"];

/**
 * Lists the models that clients can ask for, as `GET /v1/models` shows them: first every model that the configuration
 * names for enabled providers and routes, and client-side names without a wildcard; then models that providers list
 * themselves, and names under which models were served. If Claude Code's discovery would find none of these,
 * `claude-opus`, `claude-sonnet` and `claude-haiku` follow, as far as every provider maps them to a model of its own.
 *
 * @param balancer - balancer whose configuration is read.
 * @param sources - lists of providers and names that were served; default: none.
 * @returns the models without duplicates, in the order above.
 * @example
 * ```ts
 * console.log(modelsView(balancer).map(({ id }) => id)); // [ 'claude-opus-5', 'claude-haiku-4-5' ]
 * ```
 */
export function modelsView(balancer: Balancer, sources: ModelSources = {}): readonly ModelEntry[] {
  const { served = [], listed = nothingListed, mayUse } = sources;
  const config = balancer.inspect(({ config: current }) => current);
  const names = new Set<string>();
  const enabled = config.providers.filter(({ enabled = true }) => enabled);
  for (const route of config.routes ?? []) {
    const candidates = route.candidates.filter(({ provider }) => enabled.some(({ name }) => name === provider));
    if (candidates.length === 0) continue;
    addNames(names, [route.pattern, ...candidates.map(({ model }) => model)]);
  }
  for (const provider of enabled) addNames(names, namesOf(provider));
  const known = new Map<string, ListedModel>();
  for (const [provider, models] of listed) {
    for (const model of models) {
      if (known.has(model.id) || !isPassedOn(balancer, provider, model.id)) continue;
      known.set(model.id, model);
      names.add(model.id);
    }
  }
  addNames(names, served);
  if (![...names].some((name) => discovered.test(name))) {
    addNames(
      names,
      classNames.filter((name) => isMapped(balancer, name)),
    );
  }
  const all = [...names].map((name) => entryOf(name, known.get(name)));
  if (mayUse === undefined) return all;
  return all.filter(({ id }) => balancer.explain(id).candidates.some(({ provider }) => mayUse(provider, id)));
}

/** Query of `GET /v1/models`. */
interface ModelsQuestion extends ModelSources {
  /** The name in the path; `""` for the list. */
  readonly model: string;
  /** With its `?`, or empty. */
  readonly query: string;
}

/**
 * Returns the answer of `GET /v1/models` and `GET /v1/models/{id}`.
 *
 * @throws `CcpbError` `invalid_request` (404) where there is no such model.
 */
export function modelsReply(balancer: Balancer, { model, query, ...sources }: ModelsQuestion): Reply {
  const models = modelsView(balancer, sources);
  const content = model === "" ? modelsPage(models, new URLSearchParams(query)) : oneOf(models, model);
  const body = new TextEncoder().encode(JSON.stringify(content));
  return { status: 200, headers: { "content-type": jsonType }, body, provider: "", attempts: 0 };
}

function oneOf(models: readonly ModelEntry[], encoded: string): ModelEntry {
  const id = decoded(encoded);
  const model = models.find((one) => one.id === id);
  if (model) return model;
  const message = `No configured provider has a model ${id.slice(0, 200)}; GET /v1/models lists them.`;
  throw new CcpbError("invalid_request", message, { status: 404, type: "not_found_error" });
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // not encoded
  }
}

/** Decides whether a request for `name` reaches `provider` under that name. */
function isPassedOn(balancer: Balancer, provider: string, name: string): boolean {
  return balancer
    .explain(name)
    .candidates.some((candidate) => candidate.provider === provider && candidate.upstreamModel === name);
}

/** Decides whether every candidate maps the name to another model, so that no provider has a model of that name. */
function isMapped(balancer: Balancer, name: string): boolean {
  const { candidates } = balancer.explain(name);
  return candidates.length > 0 && candidates.every(({ upstreamModel }) => upstreamModel !== name);
}

function namesOf({ bigModel, smallModel, models = [] }: ProviderConfig): string[] {
  const rules = models.flatMap(({ pattern, model }) => [pattern, model]);
  return [...rules, bigModel ?? "passthrough", smallModel ?? "passthrough"];
}

function addNames(names: Set<string>, candidates: readonly string[]): void {
  for (const name of candidates) if (name !== "passthrough" && !/[*?]/.test(name)) names.add(name);
}

// Anthropic's reference allows the epoch where the date of release is not known.
function entryOf(id: string, listed: ListedModel | undefined): ModelEntry {
  return {
    type: "model",
    id,
    object: "model",
    created: 0,
    owned_by: "ccpb",
    display_name: listed?.displayName ?? id,
    created_at: listed?.createdAt ?? "1970-01-01T00:00:00Z",
    lifecycle: "active",
    capabilities: null,
    line: null,
    max_input_tokens: listed?.maxInputTokens ?? null,
    max_tokens: listed?.maxTokens ?? null,
    deprecated_at: null,
    retires_at: null,
  };
}

/** One circuit below a provider in `/providers`. */
export interface ListedPart {
  /** `key 2` or `model claude-opus-5`. */
  readonly label: string;
  readonly state: string;
  readonly cooldownSeconds: number;
  readonly reason: string | null;
  /** The provider's own words, and its id of the failed request. */
  readonly words: string | null;
  readonly requestId: string | null;
}

/** A limit of requests at once that a provider has shown. */
export interface ListedLimit {
  /** `key 2 at claude-opus-5` or `clients' logins at claude-opus-5`. */
  readonly label: string;
  readonly limit: number;
  readonly inFlight: number;
}

/** A quota window of a provider's key. */
export interface ListedQuota {
  /** `key 2`, `key 2 at gpt-5.6` or `clients' logins`. */
  readonly label: string;
  readonly window: string;
  /** The used share, from 0; 1 is all of it. */
  readonly used: number;
  /** ISO 8601; null where the provider does not say. */
  readonly resetsAt: string | null;
  readonly lengthSeconds: number | null;
}

/** Fate of a new request; `outcome` is one of `served`, `probe`, `wait` and `refused`. */
export interface ListedNextRequest {
  readonly outcome: string;
  readonly provider: string | null;
  readonly waitsFor: string | null;
  readonly inSeconds: number | null;
}

/** One provider in `/providers`. */
export interface ListedProvider extends Omit<ListedPart, "label"> {
  readonly name: string;
  readonly healthy: boolean;
  /** `disabled` or `draining` where an operator keeps it out at run time; null where none does. */
  readonly held: string | null;
  readonly requests: number;
  readonly failed: number;
  readonly firstContentMs: number | null;
  readonly parts: readonly ListedPart[];
  readonly isProbed: boolean;
  readonly nextProbeSeconds: number | null;
  readonly isFull: boolean;
  readonly inFlight: number;
  readonly maxConcurrent: number | null;
  readonly limits: readonly ListedLimit[];
  /** Lessons by upstream model, each as a `profile:` line. */
  readonly learned: readonly { readonly model: string; readonly profile: string }[];
  readonly quota: readonly ListedQuota[];
  readonly loginsOut: number;
}

/** Provider, key, model, client or session that an operator keeps out at run time. */
export interface ListedControl {
  /** `key 2 of kimi at kimi-k2`, `client alice` or `session 0123456789abcdef`. */
  readonly label: string;
  readonly state: string;
  /** Null: until it is taken back. */
  readonly remainingSeconds: number | null;
  readonly by: string;
  readonly reason: string | null;
}

export interface ProviderList {
  readonly healthy: number;
  /** Number of providers that are not disabled. */
  readonly enabled: number;
  readonly next: ListedNextRequest;
  readonly waiting: number;
  /** Seconds until the next try where this machine or its network is suspected; null where it is not. */
  readonly hostTrySeconds: number | null;
  readonly providers: readonly ListedProvider[];
  readonly controls: readonly ListedControl[];
}

/** Reads the answer of `GET /providers`, of this version or of a neighbouring one; undefined where it is something else. */
export function readProviders(data: Readonly<Record<string, unknown>>): ProviderList | undefined {
  if (!Array.isArray(data["providers"])) return undefined;
  const providers = listOf(data["providers"]).map(readProvider);
  if (providers.some(({ name }) => name === "")) return undefined;
  const { healthy_providers: healthy, current_provider: current } = data;
  const [suspicion] = listOf([data["host_suspicion"]]);
  return {
    healthy: typeof healthy === "number" ? healthy : providers.filter((provider) => provider.healthy).length,
    enabled: providers.filter(({ state }) => state !== "disabled").length,
    next: nextRequestOf(data["next_request"], textOf(current)),
    waiting: numberOf(data["waiting"]),
    hostTrySeconds: suspicion === undefined ? null : numberOf(suspicion["next_try_in"]),
    providers,
    controls: listOf(data["controls"]).map(controlOf),
  };
}

function controlOf(entry: Readonly<Record<string, unknown>>): ListedControl {
  const name = textOf(entry["name"]) ?? "?";
  const key = numberOrNull(entry["key"]);
  const model = textOf(entry["model"]);
  const type = textOf(entry["type"]);
  const place = `${key === null ? "" : `key ${key} of `}${name}${model === null ? "" : ` at ${model}`}`;
  return {
    label: type === "provider" ? place : `${type ?? "?"} ${name}`,
    state: textOf(entry["state"]) ?? "held",
    remainingSeconds: numberOrNull(entry["remaining"]),
    by: textOf(entry["by"]) ?? "?",
    reason: textOf(entry["reason"]),
  };
}

/** Servers before 0.2 name only the current provider. */
function nextRequestOf(value: unknown, current: string | null): ListedNextRequest {
  const [next] = listOf([value]);
  const outcome = textOf(next?.["outcome"]) ?? (current === null ? "refused" : "served");
  return {
    outcome,
    provider: next === undefined ? current : textOf(next["provider"]),
    waitsFor: textOf(next?.["waits_for"]),
    inSeconds: numberOrNull(next?.["in"]),
  };
}

function readProvider(entry: Readonly<Record<string, unknown>>): ListedProvider {
  const [requests] = listOf([entry["requests"]]);
  const [latency] = listOf([entry["latency"]]);
  const first = latency?.["time_to_first_content_ms"];
  return {
    name: textOf(entry["name"]) ?? "",
    healthy: entry["healthy"] === true,
    held: textOf(entry["held"]),
    ...circuitOf(entry),
    requests: numberOf(requests?.["total"]),
    failed: numberOf(requests?.["failed"]),
    inFlight: numberOf(requests?.["in_flight"]),
    firstContentMs: numberOrNull(first),
    isProbed: entry["probe_under_way"] === true,
    nextProbeSeconds: numberOrNull(entry["next_probe_in"]),
    isFull: entry["full"] === true,
    maxConcurrent: numberOrNull(entry["max_concurrent"]),
    limits: listOf(entry["limits"]).map(limitOf),
    learned: listOf(entry["learned"]).map((one) => ({
      model: textOf(one["model"]) ?? "?",
      profile: textOf(one["profile"]) ?? "",
    })),
    quota: listOf(entry["quota"]).map(quotaOf),
    loginsOut: numberOf(entry["logins_out"]),
    parts: [
      ...listOf(entry["keys"]).map((key) => ({ label: `key ${numberOf(key["key"])}`, ...circuitOf(key) })),
      ...listOf(entry["key_models"]).map((one) => ({
        label: `key ${numberOf(one["key"])} at ${textOf(one["model"]) ?? "?"}`,
        ...circuitOf(one),
      })),
      ...listOf(entry["models"]).map((one) => ({ label: `model ${textOf(one["model"]) ?? "?"}`, ...circuitOf(one) })),
    ],
  };
}

function limitOf(entry: Readonly<Record<string, unknown>>): ListedLimit {
  const key = numberOrNull(entry["key"]);
  const payer = key === null ? "clients' logins" : `key ${key}`;
  return {
    label: `${payer} at ${textOf(entry["model"]) ?? "?"}`,
    limit: numberOf(entry["limit"]),
    inFlight: numberOf(entry["in_flight"]),
  };
}

function quotaOf(entry: Readonly<Record<string, unknown>>): ListedQuota {
  const key = numberOrNull(entry["key"]);
  const model = textOf(entry["model"]);
  return {
    label: `${key === null ? "clients' logins" : `key ${key}`}${model === null ? "" : ` at ${model}`}`,
    window: textOf(entry["window"]) ?? "?",
    used: numberOf(entry["used"]),
    resetsAt: textOf(entry["resets_at"]),
    lengthSeconds: numberOrNull(entry["length"]),
  };
}

function circuitOf(entry: Readonly<Record<string, unknown>>): Omit<ListedPart, "label"> {
  return {
    state: textOf(entry["status"]) ?? "unknown",
    cooldownSeconds: numberOf(entry["cooldown_remaining"]),
    reason: textOf(entry["reason"]),
    words: textOf(entry["words"]),
    requestId: textOf(entry["upstream_request_id"]),
  };
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => (typeof entry === "object" && entry !== null ? [{ ...entry }] : []));
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

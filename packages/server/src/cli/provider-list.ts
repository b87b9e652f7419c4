/** What `/providers` says of one circuit below a provider. */
export interface ListedPart {
  /** `key 2` or `model claude-opus-5`. */
  readonly label: string;
  readonly state: string;
  readonly cooldownSeconds: number;
  readonly reason: string | null;
}

/** What `/providers` says of one provider. */
export interface ListedProvider extends Omit<ListedPart, "label"> {
  readonly name: string;
  readonly healthy: boolean;
  readonly requests: number;
  readonly failed: number;
  readonly firstContentMs: number | null;
  readonly parts: readonly ListedPart[];
}

export interface ProviderList {
  readonly healthy: number;
  readonly current: string | null;
  readonly providers: readonly ListedProvider[];
}

/** Reads the answer of `GET /providers`, of this version or of a neighbouring one; undefined where it is something else. */
export function readProviders(data: Readonly<Record<string, unknown>>): ProviderList | undefined {
  if (!Array.isArray(data["providers"])) return undefined;
  const providers = listOf(data["providers"]).map(readProvider);
  if (providers.some(({ name }) => name === "")) return undefined;
  const { healthy_providers: healthy, current_provider: current } = data;
  return {
    healthy: typeof healthy === "number" ? healthy : providers.filter((provider) => provider.healthy).length,
    current: textOf(current),
    providers,
  };
}

function readProvider(entry: Readonly<Record<string, unknown>>): ListedProvider {
  const [requests] = listOf([entry["requests"]]);
  const [latency] = listOf([entry["latency"]]);
  const first = latency?.["time_to_first_content_ms"];
  return {
    name: textOf(entry["name"]) ?? "",
    healthy: entry["healthy"] === true,
    ...circuitOf(entry),
    requests: numberOf(requests?.["total"]),
    failed: numberOf(requests?.["failed"]),
    firstContentMs: typeof first === "number" ? first : null,
    parts: [
      ...listOf(entry["keys"]).map((key) => ({ label: `key ${numberOf(key["index"]) + 1}`, ...circuitOf(key) })),
      ...listOf(entry["key_models"]).map((one) => ({
        label: `key ${numberOf(one["index"]) + 1} at ${textOf(one["model"]) ?? "?"}`,
        ...circuitOf(one),
      })),
      ...listOf(entry["models"]).map((one) => ({ label: `model ${textOf(one["model"]) ?? "?"}`, ...circuitOf(one) })),
    ],
  };
}

function circuitOf(entry: Readonly<Record<string, unknown>>): Omit<ListedPart, "label"> {
  return {
    state: textOf(entry["status"]) ?? "unknown",
    cooldownSeconds: numberOf(entry["cooldown_remaining"]),
    reason: textOf(entry["reason"]),
  };
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => (typeof entry === "object" && entry !== null ? [{ ...entry }] : []));
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

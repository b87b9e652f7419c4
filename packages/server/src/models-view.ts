import type { BalancerConfig, ProviderConfig } from "@ccpb/core";

interface ModelEntry {
  readonly type: "model";
  readonly id: string;
  readonly display_name: string;
  readonly created_at: string;
}

/** The answer of `GET /v1/models`, in the list shape of Anthropic's API. */
export interface ModelsView {
  readonly data: readonly ModelEntry[];
  readonly has_more: false;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

/** Every model that the configuration names: of enabled providers and routes, and client-side names that stand without a wildcard. */
export function modelsView(config: BalancerConfig): ModelsView {
  const names = new Set<string>();
  const enabled = config.providers.filter(({ enabled = true }) => enabled);
  for (const route of config.routes ?? []) {
    const candidates = route.candidates.filter(({ provider }) => enabled.some(({ name }) => name === provider));
    if (candidates.length === 0) continue;
    addNames(names, [route.pattern, ...candidates.map(({ model }) => model)]);
  }
  for (const provider of enabled) addNames(names, namesOf(provider));
  const data = [...names].map(entryOf);
  return { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null };
}

function namesOf({ bigModel, smallModel, models = [] }: ProviderConfig): string[] {
  const rules = models.flatMap(({ pattern, model }) => [pattern, model]);
  return [...rules, bigModel ?? "passthrough", smallModel ?? "passthrough"];
}

function addNames(names: Set<string>, candidates: readonly string[]): void {
  for (const name of candidates) if (name !== "passthrough" && !/[*?]/.test(name)) names.add(name);
}

// Anthropic's reference allows the epoch where the date of release is not known.
function entryOf(id: string): ModelEntry {
  return { type: "model", id, display_name: id, created_at: "1970-01-01T00:00:00Z" };
}

import type { ProviderConfig } from "../base/config-types.ts";
import { matchesGlob } from "../base/glob.ts";

/** The value that keeps the client's model name; exactly this, in this case. */
export const passthroughModel = "passthrough";

type ModelRules = Pick<ProviderConfig, "models" | "bigModel" | "smallModel">;

/**
 * The upstream model of `provider` for the client's name: what a rule of `models` says for exactly this name, the name itself where it is one of the
 * provider's configured upstream models, the first rule that fits, else the big or the small model; undefined where the provider covers no such name.
 * A suffix such as `[1m]` is part of the name.
 */
export function mapModel(provider: ModelRules, requested: string): string | undefined {
  const { models = [] } = provider;
  const exact = models.find(({ pattern }) => pattern === requested);
  if (exact === undefined && isUpstreamModel(provider, requested)) return requested;
  const rule = exact ?? models.find(({ pattern }) => matchesGlob(pattern, requested));
  const mapped = rule?.model ?? (isSmallModel(requested) ? provider.smallModel : provider.bigModel);
  return mapped === passthroughModel ? requested : mapped;
}

/** `GET /v1/models` lists these names, so that asking for one must not buy another model. */
function isUpstreamModel({ models = [], bigModel, smallModel }: ModelRules, name: string): boolean {
  return name === bigModel || name === smallModel || models.some(({ model }) => model === name);
}

/** Whether the name asks for the small model: it contains `haiku` and neither `opus` nor `sonnet`. */
export function isSmallModel(requested: string): boolean {
  const name = requested.toLowerCase();
  return name.includes("haiku") && !name.includes("opus") && !name.includes("sonnet");
}

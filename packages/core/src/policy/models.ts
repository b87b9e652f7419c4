import { cloudModelName, type ClaudeCloud } from "../vendors/claude-clouds.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import { matchesGlob } from "../base/glob.ts";

/** The value that keeps the client's model name; exactly this, in this case. */
export const passthroughModel = "passthrough";

type ModelRules = Pick<ProviderConfig, "models" | "bigModel" | "smallModel"> & Partial<CloudPart>;
type CloudPart = Pick<ProviderConfig, "type" | "region" | "inferenceProfile">;

/**
 * Returns the upstream model of `provider` for the client's name: what a rule of `models` says for exactly this name, the name itself where it is one of the
 * provider's configured upstream models, the first rule that fits, else the big or the small model; undefined where the provider covers no such name.
 * A suffix such as `[1m]` is part of the name. At Bedrock and Vertex, Anthropic's names become the cloud's own, also where nothing is configured;
 * `passthrough` keeps the client's.
 */
export function mapModel(provider: ModelRules, requested: string): string | undefined {
  const { models = [] } = provider;
  const exact = models.find(({ pattern }) => pattern === requested);
  if (exact === undefined && isUpstreamModel(provider, requested)) return atCloud(provider, requested);
  const rule = exact ?? models.find(({ pattern }) => matchesGlob(pattern, requested));
  const mapped = rule?.model ?? (isSmallModel(requested) ? provider.smallModel : provider.bigModel);
  if (mapped === passthroughModel) return requested;
  return mapped === undefined && !isCloud(provider.type) ? undefined : atCloud(provider, mapped ?? requested);
}

/** Returns the name of a model at a provider: at Bedrock and Vertex, Anthropic's names become the cloud's own. */
export function atCloud({ type, region, inferenceProfile }: Partial<CloudPart>, model: string): string {
  return isCloud(type) ? cloudModelName(model, { cloud: type, region, inferenceProfile }) : model;
}

function isCloud(type: ProviderConfig["type"] | undefined): type is ClaudeCloud {
  return type === "bedrock" || type === "vertex";
}

/** `GET /v1/models` lists these names, so that asking for one must not buy another model. */
function isUpstreamModel({ models = [], bigModel, smallModel }: ModelRules, name: string): boolean {
  return name === bigModel || name === smallModel || models.some(({ model }) => model === name);
}

/** Decides whether the name asks for the small model: it contains `haiku` and neither `opus` nor `sonnet`. */
export function isSmallModel(requested: string): boolean {
  const name = requested.toLowerCase();
  return name.includes("haiku") && !name.includes("opus") && !name.includes("sonnet");
}

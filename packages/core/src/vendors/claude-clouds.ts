import type { InferenceProfile } from "../base/config-types.ts";
import { bedrockBetas } from "./bedrock.ts";
import { vertexBetas } from "./vertex.ts";

/** A cloud that has names of its own for Anthropic's models. */
export type ClaudeCloud = "bedrock" | "vertex";

/** Parts of the address at which a cloud's model is asked for. */
export interface CloudPlace {
  readonly cloud: ClaudeCloud;
  /** Region, such as `us-east-1`; undefined where the configuration gives a base URL alone. */
  readonly region?: string | undefined;
  /** Of Bedrock. Default: `us`, `eu` or `jp` by the region, `global` everywhere else. */
  readonly inferenceProfile?: InferenceProfile | undefined;
}

/**
 * The names of models whose name on a cloud does not follow from Anthropic's own. All others do: a dated one is `anthropic.NAME-v1:0` at Bedrock and
 * `NAME@DATE` at Vertex; one without a date, as all since 4.7, is `anthropic.NAME` and `NAME`.
 *
 * As of 2026-10-06. Sources: platform.claude.com, "Claude on Amazon Bedrock (Opus 4.6 and earlier)" and "Claude on Vertex AI", their tables of model
 * ids; docs.aws.amazon.com/bedrock, the model cards since Claude Opus 4.7.
 */
const oddNames: Readonly<Record<string, { readonly bedrock?: string; readonly vertex?: string }>> = {
  "claude-opus-4-6": { bedrock: "anthropic.claude-opus-4-6-v1" },
  "claude-3-5-sonnet-20241022": {
    bedrock: "anthropic.claude-3-5-sonnet-20241022-v2:0",
    vertex: "claude-3-5-sonnet-v2@20241022",
  },
};

/** Anthropic's names without a date for models that the clouds name by their date; of the same pages. */
const datedNames: Readonly<Record<string, string>> = {
  "claude-opus-4-5": "claude-opus-4-5-20251101",
  "claude-sonnet-4-5": "claude-sonnet-4-5-20250929",
  "claude-haiku-4-5": "claude-haiku-4-5-20251001",
  "claude-opus-4-1": "claude-opus-4-1-20250805",
  "claude-opus-4-0": "claude-opus-4-20250514",
  "claude-opus-4": "claude-opus-4-20250514",
  "claude-sonnet-4-0": "claude-sonnet-4-20250514",
  "claude-sonnet-4": "claude-sonnet-4-20250514",
  "claude-3-7-sonnet-latest": "claude-3-7-sonnet-20250219",
  "claude-3-5-sonnet-latest": "claude-3-5-sonnet-20241022",
  "claude-3-5-haiku-latest": "claude-3-5-haiku-20241022",
};

/**
 * Returns a cloud's name for one of Anthropic's models: `claude-opus-5-5` is `us.anthropic.claude-opus-5-5` at Bedrock in `us-east-1`. Claude Code's
 * suffix `[1m]` is left out, as it leaves it out itself. Any other name, such as an ARN or a name of the cloud's own, is returned as it is.
 */
export function cloudModelName(model: string, place: CloudPlace): string {
  const name = model.replace(/\[1m\]$/i, "");
  if (!/^claude-[a-z0-9-]+$/.test(name)) return model;
  const anthropic = datedNames[name] ?? name;
  if (place.cloud === "vertex") return oddNames[anthropic]?.vertex ?? anthropic.replace(/-(20\d{6})$/, "@$1");
  const isDated = /-20\d{6}$/.test(anthropic);
  const id = oddNames[anthropic]?.bedrock ?? `anthropic.${anthropic}${isDated ? "-v1:0" : ""}`;
  const profile = place.inferenceProfile ?? profileOf(place.region);
  return profile === "none" ? id : `${profile}.${id}`;
}

/** Returns the id of the model behind an inference profile of Bedrock's, which is what CountTokens takes; other names as they are. */
export function foundationModel(name: string): string {
  return name.replace(/^(?:global|us|eu|apac|jp|au|us-gov|ca)\.(?=anthropic\.)/, "");
}

/**
 * Returns Anthropic's own name, with its date where it has one, of a model by any cloud's name: that of `us.anthropic.claude-opus-4-5-20251101-v1:0` and
 * `claude-opus-4-5@20251101` is `claude-opus-4-5-20251101`. A name that tells nothing, such as an ARN, is returned as it is.
 */
export function anthropicModelName(name: string): string {
  const id = foundationModel(name).replace(/\[1m\]$/i, "");
  const found = /^(?:anthropic\.)?(claude-[a-z0-9-]+?)(?:@(20\d{6}))?(?:-v\d(?::\d)?)?$/.exec(id);
  if (found?.[1] === undefined) return name;
  const own = found[2] === undefined ? found[1] : `${found[1].replace(/-v\d$/, "")}-${found[2]}`;
  return datedNames[own] ?? own;
}

/** The profile that keeps requests in the part of the world that `region` is in, where Anthropic's models have one. */
function profileOf(region = ""): InferenceProfile {
  if (region.startsWith("us-gov-")) return "us-gov";
  if (region.startsWith("us-")) return "us";
  if (region.startsWith("eu-")) return "eu";
  return region === "ap-northeast-1" || region === "ap-northeast-3" ? "jp" : "global";
}

// On the clouds the search for tools has a flag of its own.
const cloudNames: Readonly<Record<string, string>> = { "advanced-tool-use-2025-11-20": "tool-search-tool-2025-10-19" };

const betas: Readonly<Record<ClaudeCloud, readonly string[]>> = { bedrock: bedrockBetas, vertex: vertexBetas };

/** Returns the values of an `anthropic-beta` header that a cloud knows, by its own names, each once. */
export function betasFor(cloud: ClaudeCloud, header: string | undefined): readonly string[] {
  const wanted = header === undefined ? [] : header.split(",").map((value) => value.trim());
  const known = wanted.filter((value) => betas[cloud].includes(value));
  return [...new Set(known.map((value) => cloudNames[value] ?? value))];
}

import type { ProviderConfig } from "../config-types.ts";
import { matchesGlob } from "./glob.ts";

/** The value that keeps the client's model name; exactly this, in this case. */
export const passthroughModel = "passthrough";

/**
 * The upstream model of `provider` for the client's name: the first rule of `models` that fits, else the big or the small model; undefined
 * where the provider covers no such name. A suffix such as `[1m]` is part of the name.
 */
export function mapModel(
  provider: Pick<ProviderConfig, "models" | "bigModel" | "smallModel">,
  requested: string,
): string | undefined {
  const rule = provider.models?.find(({ pattern }) => matchesGlob(pattern, requested));
  const mapped = rule?.model ?? (isSmallModel(requested) ? provider.smallModel : provider.bigModel);
  return mapped === passthroughModel ? requested : mapped;
}

/** Whether the name asks for the small model: it contains `haiku` and neither `opus` nor `sonnet`. */
export function isSmallModel(requested: string): boolean {
  const name = requested.toLowerCase();
  return name.includes("haiku") && !name.includes("opus") && !name.includes("sonnet");
}

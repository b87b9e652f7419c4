import type { HeaderMap } from "../base/outcome.ts";

/** A limit that `RateLimit` states, with the policy that `RateLimit-Policy` states for it. */
export interface RateLimitField {
  /** Name of the policy; `""` in the draft's early form, which has none. */
  readonly name: string;
  readonly remaining: number;
  readonly limit?: number;
  readonly lengthMs?: number;
  readonly resetsInMs?: number;
}

/** No answer states more limits than this; further ones are left out. */
const maxFields = 16;

/**
 * Reads the IETF's draft "RateLimit header fields for HTTP": `RateLimit: "default";r=50;t=30` beside `RateLimit-Policy: "default";q=100;w=60`, and its
 * early form `RateLimit: limit=100, remaining=50, reset=30`.
 */
export function readRateLimitFields(headers: HeaderMap): readonly RateLimitField[] {
  const text = joined(headers["ratelimit"]);
  if (text === "") return [];
  const policies = new Map(itemsOf(joined(headers["ratelimit-policy"])).map((item) => [item.name, item.parameters]));
  return itemsOf(text).flatMap(({ name, parameters }): RateLimitField[] => {
    const policy = policies.get(name) ?? new Map<string, number>();
    const remaining = parameters.get("r") ?? parameters.get("remaining");
    if (remaining === undefined) return [];
    const limit = policy.get("q") ?? parameters.get("limit") ?? parameters.get("q");
    const inSeconds = parameters.get("t") ?? parameters.get("reset");
    const lengthSeconds = policy.get("w") ?? parameters.get("w");
    return [
      {
        name,
        remaining,
        ...(limit !== undefined && { limit }),
        ...(lengthSeconds !== undefined && { lengthMs: lengthSeconds * 1_000 }),
        ...(inSeconds !== undefined && { resetsInMs: inSeconds * 1_000 }),
      },
    ];
  });
}

interface Item {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, number>;
}

/** Reads a list of structured items with whole numbers as parameters; the early form, a dictionary, is one item without a name. */
function itemsOf(text: string): Item[] {
  const isDictionary = /^\s{0,9}[a-z]{1,20}=/.test(text);
  const items = isDictionary ? [text.replaceAll(",", ";")] : text.split(",");
  return items.slice(0, maxFields).map((item) => {
    const parts = item.split(";").map((part) => part.trim());
    const name = isDictionary ? "" : (parts.shift() ?? "").replaceAll('"', "").slice(0, 40);
    const parameters = new Map<string, number>();
    for (const part of parts) {
      const [, key, value] = /^([a-z]{1,20})=(\d{1,15})$/.exec(part) ?? [];
      if (key !== undefined) parameters.set(key, Number(value));
    }
    return { name, parameters };
  });
}

function joined(value: string | readonly string[] | undefined): string {
  return (typeof value === "string" ? value : (value ?? []).join(", ")).slice(0, 1_000);
}

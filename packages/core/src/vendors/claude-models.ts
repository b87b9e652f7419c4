/** Describes the abilities of a model over the Messages API where models differ. Requests of other APIs are fitted to them. */
export interface MessagesModel {
  /** True if it is one of Anthropic's models, so that all of this is known. */
  readonly isClaude: boolean;
  /** The largest `max_tokens`. */
  readonly maxOutputTokens: number;
  /** Forms of thinking that the model takes: none, a budget, a budget or `adaptive`, or `adaptive` alone. */
  readonly thinking: "none" | "budget" | "both" | "adaptive";
  /**
   * Takes no thinking by `disabled`, or never. The other two demand an effort of at most `high` beside it: `disabled-to-high`, and `between_tools`, with which the
   * model still thinks between calls.
   */
  readonly thinkingOff: "disabled" | "disabled-to-high" | "between_tools" | "never";
  /** Thinks where the request does not say whether to. */
  readonly thinksUnasked: boolean;
  /** Takes the display `updates` of thinking, and `block_binding`. */
  readonly showsUpdates: boolean;
  /** Takes a `tool_choice` that forces a call. */
  readonly forcedCalls: boolean;
  /** Takes `output_config.effort`. */
  readonly effort: boolean;
  /** Takes the effort `xhigh`, between `high` and `max`. */
  readonly xhigh: boolean;
  /** Takes `output_config.format`. */
  readonly format: boolean;
  /** Takes `temperature`, `top_p` and `top_k`: all, not both of the first two, or none of them. */
  readonly sampling: "all" | "one" | "none";
  /** Goes on with an assistant's message at the end of the conversation. */
  readonly prefill: boolean;
  /** Takes system turns inside the conversation. */
  readonly systemTurns: boolean;
}

/** Models of other makers over the Messages API: the form that all of them document. Refusals teach the rest. */
const otherModel: MessagesModel = {
  isClaude: false,
  maxOutputTokens: 32_000,
  thinking: "budget",
  thinkingOff: "disabled",
  thinksUnasked: false,
  showsUpdates: false,
  forcedCalls: true,
  effort: true,
  xhigh: true,
  format: true,
  sampling: "all",
  prefill: true,
  systemTurns: false,
};

/** Largest outputs by family and version, the newest first. Sources: platform.claude.com, "Models overview" and "Migration guide". */
const outputLimits: readonly (readonly [family: RegExp, since: number, tokens: number])[] = [
  [/./, 407, 128_000],
  [/opus|sonnet/, 406, 128_000],
  [/opus/, 405, 64_000],
  [/sonnet|haiku/, 400, 64_000],
  [/opus/, 400, 32_000],
  [/sonnet/, 307, 64_000],
  [/./, 305, 8_192],
  [/./, 0, 4_096],
];

// An alias may be the family's name alone. Open models that were trained on answers of Claude's carry its name.
const claudeNames = /claude|anthropic|fable|mythos|(?:^|[^a-z])(?:opus|sonnet|haiku)(?![a-z])/;
const otherNames = /qwen|llama|gemma|glm|mi[sx]tral|deepseek|gpt|phi-\d|distill|gguf/;

/**
 * Returns what a model takes over the Messages API, by its name as vendors, clouds and gateways write it. A name of Claude's without a known version is taken
 * for the newest; any other for a model of another maker.
 *
 * @example
 * messagesModel("us.anthropic.claude-haiku-4-5-20251001-v1:0").thinking // "budget"
 */
export function messagesModel(model: string): MessagesModel {
  const name = model.toLowerCase();
  if (!claudeNames.test(name) || otherNames.test(name)) return otherModel;
  const family = /opus|sonnet|haiku|fable|mythos/.exec(name)?.[0] ?? "";
  // Fable and Mythos began with 5.
  const version = Math.max(versionOf(name), family === "fable" || family === "mythos" ? 500 : 0);
  const [, , tokens] = outputLimits.find(([of, since]) => of.test(family || "-") && version >= since) ?? [];
  return {
    isClaude: true,
    maxOutputTokens: tokens ?? 4_096,
    thinking: thinkingOf(version),
    thinkingOff: thinkingOffOf(version, family),
    thinksUnasked: version >= 500,
    // platform.claude.com, "What's new" of Fable 5.1 and Opus 5.5, and "Prefix checks on thinking blocks".
    showsUpdates: version >= (family === "fable" || family === "mythos" ? 501 : 505),
    forcedCalls: takesForcedCalls(version, family),
    // "output_config.effort: Extra inputs are not permitted" before 4.6.
    effort: version >= 406,
    xhigh: version >= 407,
    format: version >= 405 || (family === "opus" && version >= 401),
    sampling: samplingOf(version, family),
    prefill: version < 406,
    systemTurns: version >= 408,
  };
}

function thinkingOf(version: number): MessagesModel["thinking"] {
  if (version < 307) return "none";
  if (version < 406) return "budget";
  return version < 407 ? "both" : "adaptive";
}

/** `"thinking.type.disabled" is not supported for this model.` Source: platform.claude.com, "What's new" of Opus 5, Opus 5.5 and Sonnet 5.5, and "Models overview"; of Haiku 5.5, openrouter.ai. */
function thinkingOffOf(version: number, family: string): MessagesModel["thinkingOff"] {
  switch (family) {
    case "haiku":
      return version >= 505 ? "disabled-to-high" : "disabled";
    case "sonnet":
      return version >= 505 ? "between_tools" : "disabled";
    case "opus":
      return version >= 505 ? "never" : version >= 500 ? "disabled-to-high" : "disabled";
    default:
      // Fable and Mythos always think.
      return version >= 500 ? "never" : "disabled";
  }
}

/** "Forced tool use returns an error", by the same pages: Opus and Sonnet from 5.5 on, Fable and Mythos from 5.1 on. */
function takesForcedCalls(version: number, family: string): boolean {
  if (family === "haiku") return true;
  return version < (family === "opus" || family === "sonnet" ? 505 : 501);
}

/** "`temperature` and `top_p` cannot both be specified for this model" since Opus 4.1 and the models of 4.5. */
function samplingOf(version: number, family: string): MessagesModel["sampling"] {
  if (version >= 407) return "none";
  return version >= 405 || (family === "opus" && version >= 401) ? "one" : "all";
}

const newest = 9_999;

// A size behind the name is no version: `claude-sonnet-5-1m`, `claude-3-7-sonnet-64k`.
const behindFamily = /(?:opus|sonnet|haiku|fable|mythos)[-_ ]?(\d{1,2})(?:[._-](\d{1,2})(?![\dkm]))?(?![\dkm])/;
const behindClaude = /claude[-_ ]?(?:v|instant-v?)?(\d{1,2})(?:[._-](\d{1,2})(?![\dkm]))?(?![\dkm])/;

/** Major × 100 + minor: `claude-opus-4-5-20251101` is 405, `claude-3-7-sonnet@20250219` is 307, `claude-sonnet-45` is 405. */
function versionOf(name: string): number {
  const found = behindFamily.exec(name) ?? behindClaude.exec(name);
  if (found === null) return newest;
  const [, major = "", minor] = found;
  const isJoined = minor === undefined && Number(major) >= 20;
  return isJoined ? Number(major[0]) * 100 + Number(major[1]) : Number(major) * 100 + Number(minor ?? 0);
}

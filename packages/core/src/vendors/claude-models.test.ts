import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { messagesModel } from "./claude-models.ts";
import { resolveProfile } from "./profile.ts";

type Version = readonly [major: number, minor?: number];

const released: readonly (readonly [family: string, version: Version])[] = [
  ["opus", [4]],
  ["opus", [4, 1]],
  ["opus", [4, 5]],
  ["opus", [4, 6]],
  ["opus", [4, 7]],
  ["opus", [4, 8]],
  ["opus", [5]],
  ["opus", [5, 5]],
  ["sonnet", [3, 5]],
  ["sonnet", [3, 7]],
  ["sonnet", [4]],
  ["sonnet", [4, 5]],
  ["sonnet", [4, 6]],
  ["sonnet", [5]],
  ["sonnet", [5, 5]],
  ["haiku", [3]],
  ["haiku", [4, 5]],
  ["haiku", [5, 5]],
  ["fable", [5]],
  ["fable", [5, 1]],
  ["fable", [5, 2]],
  ["mythos", [5, 2]],
];

const prefixes: readonly string[] = [
  "",
  "anthropic/",
  "~anthropic/",
  "anthropic.",
  "us.anthropic.",
  "eu.anthropic.",
  "apac.anthropic.",
  "global.anthropic.",
  "bedrock/us-gov.anthropic.",
  "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.",
  "publishers/anthropic/models/",
  "vertex_ai/",
  "databricks-",
  "openrouter/anthropic/",
  "Pro/",
];

const suffixes: readonly string[] = [
  "",
  "-20260922",
  "@20260922",
  "@default",
  "-20260922-v1:0",
  "-v1:0",
  "-v1",
  "-latest",
  "@latest",
  "[1m]",
  "-1m",
  "-200k",
  "-64k",
  ":thinking",
  "-thinking",
  "-thinking-32k",
  "-20260922-thinking",
  ":beta",
  ":extended",
  "-fast",
  "-high",
  "-xhigh",
  "(high)",
];

/** The ways in which vendors, clouds and relays order and separate a name's parts. */
const orders: readonly ((family: string, version: Version) => string)[] = [
  (family, version) => `claude-${family}-${version.join("-")}`,
  (family, version) => `claude-${family}-${version.join(".")}`,
  (family, version) => `claude_${family}_${version.join("_")}`,
  (family, version) => `claude ${family} ${version.join(".")}`,
  (family, version) => `claude-${version.join("-")}-${family}`,
  (family, version) => `claude-${version.join(".")}-${family}`,
  (family, version) => `${family}-${version.join(".")}`,
  (family, version) => `claude-${family}-${version.join("")}`,
  (family, version) => `claude-${version.join("")}-${family}`,
];

describe("the name of a model of Claude's", () => {
  it("tells what the model takes in whatever form vendors, clouds and relays write it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...released),
        fc.constantFrom(...prefixes),
        fc.constantFrom(...orders),
        fc.constantFrom(...suffixes),
        fc.boolean(),
        ([family, version], prefix, order, suffix, isUpper) => {
          const name = `${prefix}${order(family, version)}${suffix}`;
          const plain = messagesModel(`claude-${family}-${version.join("-")}`);
          expect([name, messagesModel(isUpper ? name.toUpperCase() : name)]).toEqual([name, plain]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("tells OpenAI's APIs of gateways the same: no call is forced where the model refuses one", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...released),
        fc.constantFrom(...prefixes),
        fc.constantFrom(...orders.slice(0, 4)),
        fc.constantFrom(...suffixes),
        ([family, version], prefix, order, suffix) => {
          const model = `${prefix}${order(family, version)}${suffix}`;
          const isForced = messagesModel(model).forcedCalls;
          expect([model, resolveProfile({ model }).toolChoice]).toEqual([model, isForced ? "named" : "auto"]);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each(released)("differs from that of the model before it: %s %j", (family, version) => {
    const { isClaude, thinking, thinkingOff, forcedCalls, xhigh } = messagesModel(
      `claude-${family}-${version.join("-")}`,
    );
    const [major, minor = 0] = version;
    const number = major * 100 + minor;
    expect(isClaude).toBe(true);
    expect(thinking === "adaptive").toBe(number >= 407);
    expect(xhigh).toBe(number >= 407);
    const refusesForce: Readonly<Record<string, number>> = { opus: 505, sonnet: 505, fable: 501, mythos: 501 };
    expect(forcedCalls).toBe(number < (refusesForce[family] ?? Number.POSITIVE_INFINITY));
    if (family === "sonnet") expect(thinkingOff).toBe(number >= 505 ? "between_tools" : "disabled");
  });

  it.each([
    "claude",
    "claude-latest",
    "anthropic/claude-opus-latest",
    "opus",
    "sonnet",
    "claude-opus-6",
    "claude-sonnet-10",
  ])("is taken for one of the newest where it tells no known version: %s", (name) => {
    expect(messagesModel(name)).toMatchObject({ isClaude: true, forcedCalls: false, thinking: "adaptive" });
  });

  it.each([
    "kimi-k3",
    "glm-5.2",
    "deepseek-v4-pro",
    "gpt-6.1",
    "qwen3.5-27b-claude-4.6-opus-reasoning-distilled",
    "claude-opus-4.6-distill-llama-8b-gguf",
    "magnum-opusculum",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2c3",
    "",
  ])("is not what other makers' models have: %s", (name) => {
    expect(messagesModel(name).isClaude).toBe(false);
  });
});

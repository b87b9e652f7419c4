import { describe, expect, it } from "vitest";
import { neutralProfile } from "../../vendors/profile.ts";
import type { ProfileOverride } from "../../base/profile-types.ts";
import { readThinkingWish, type ReasoningFields, toReasoning } from "./reasoning-effort.ts";
import { WarningList } from "./warning-list.ts";

const enabled = (budget_tokens: number): object => ({ thinking: { type: "enabled", budget_tokens } });
const adaptive = { thinking: { type: "adaptive" } };
const disabled = { thinking: { type: "disabled" } };
const effort = (value: string): object => ({ output_config: { effort: value } });

function fields(
  profile: ProfileOverride,
  request: object,
  options: { readonly hasTools?: boolean; readonly isForced?: boolean; readonly stream?: boolean } = {},
): ReasoningFields {
  const wish = readThinkingWish(request as Record<string, unknown>, []);
  const { hasTools = false, isForced = false, stream = true } = options;
  return toReasoning(wish, { ...neutralProfile, ...profile }, { hasTools, isForced, stream }, new WarningList());
}

describe("thinking in OpenAI's words", () => {
  const openai = { reasoning: "openai", efforts: ["low", "medium", "high", "xhigh"] } as const;

  it.each([
    [1024, "low"],
    [8192, "medium"],
    [24_576, "high"],
    [60_000, "xhigh"],
  ])("a budget of %i is %s", (budget, expected) => {
    expect(fields(openai, enabled(budget))).toEqual({ reasoning_effort: expected });
  });

  it("an effort stands over a budget", () => {
    expect(fields(openai, { ...enabled(60_000), ...effort("low") })).toEqual({ reasoning_effort: "low" });
  });

  it("is clamped to what is listed, down where it can be, else up, and never to none", () => {
    expect(fields({ ...openai, efforts: ["low", "high"] }, effort("medium"))).toEqual({ reasoning_effort: "low" });
    expect(fields({ ...openai, efforts: ["high"] }, effort("low"))).toEqual({ reasoning_effort: "high" });
    expect(fields({ ...openai, efforts: ["none", "high"] }, effort("low"))).toEqual({ reasoning_effort: "high" });
    expect(fields({ ...openai, efforts: [] }, effort("low"))).toEqual({});
  });

  it("turned off is told where the model knows none", () => {
    expect(fields(openai, { ...disabled, ...effort("high") })).toEqual({});
    expect(fields({ ...openai, efforts: ["none", "low"] }, { ...disabled, ...effort("high") })).toEqual({
      reasoning_effort: "none",
    });
  });

  it("is not told together with tools where that is a 400", () => {
    expect(fields({ ...openai, effortWithTools: false }, effort("high"), { hasTools: true })).toEqual({});
    expect(fields({ ...openai, effortWithTools: false }, effort("high"))).toEqual({ reasoning_effort: "high" });
  });
});

describe("thinking in other vendors' words", () => {
  it("OpenRouter takes a budget or an effort, and is told nothing where thinking is off", () => {
    const profile = { reasoning: "openrouter", efforts: ["low", "medium", "high"] } as const;
    expect(fields(profile, enabled(2000))).toEqual({ reasoning: { max_tokens: 2000 } });
    expect(fields(profile, { ...adaptive, ...effort("max") })).toEqual({ reasoning: { effort: "high" } });
    expect(fields(profile, disabled)).toEqual({});
    expect(fields({ ...profile, efforts: ["none", "low"] }, disabled)).toEqual({ reasoning: { effort: "none" } });
  });

  it("DeepSeek takes a switch with an effort, and never both off and an effort", () => {
    const profile = { reasoning: "deepseek", efforts: ["low", "medium", "high", "max"] } as const;
    expect(fields(profile, { ...disabled, ...effort("high") })).toEqual({ thinking: { type: "disabled" } });
    expect(fields(profile, { ...adaptive, ...effort("max") })).toEqual({
      thinking: { type: "enabled" },
      reasoning_effort: "max",
    });
    expect(fields(profile, enabled(2000))).toEqual({ thinking: { type: "enabled" }, reasoning_effort: "medium" });
    expect(fields(profile, {})).toEqual({});
  });

  it("a forced tool call turns thinking off where the client says nothing of it", () => {
    for (const reasoning of ["deepseek", "zai"] as const) {
      expect(fields({ reasoning }, {}, { isForced: true })).toEqual({ thinking: { type: "disabled" } });
    }
    expect(fields({ reasoning: "qwen" }, {}, { isForced: true })).toEqual({ enable_thinking: false });
  });

  it("Z.AI takes a switch alone", () => {
    expect(fields({ reasoning: "zai" }, { ...adaptive, ...effort("high") })).toEqual({ thinking: { type: "enabled" } });
  });

  it("Alibaba thinks only while it streams", () => {
    expect(fields({ reasoning: "qwen" }, enabled(2000))).toEqual({ enable_thinking: true, thinking_budget: 2000 });
    expect(fields({ reasoning: "qwen" }, enabled(2000), { stream: false })).toEqual({ enable_thinking: false });
    expect(fields({ reasoning: "qwen" }, disabled)).toEqual({ enable_thinking: false });
    expect(fields({ reasoning: "qwen" }, {})).toEqual({});
  });
});

describe("the wish", () => {
  it("takes the effort of the last system turn that has one", () => {
    const messages = [
      { role: "system", output_config: { effort: "high" } },
      { role: "user", output_config: { effort: "max" } },
      { role: "system", content: "x", output_config: { effort: "low" } },
      { role: "system", content: "y" },
    ];
    expect(readThinkingWish(effort("xhigh") as Record<string, unknown>, messages).effort).toBe("low");
    expect(readThinkingWish(effort("xhigh") as Record<string, unknown>, []).effort).toBe("xhigh");
  });

  it("reads nothing into what it does not know", () => {
    const wish = readThinkingWish(
      { thinking: { type: "later", budget_tokens: "x" }, output_config: { effort: "ultra" } },
      [null, 1],
    );
    expect(wish).toEqual({ mode: "default", budgetTokens: undefined, effort: undefined, isHidden: false });
  });
});

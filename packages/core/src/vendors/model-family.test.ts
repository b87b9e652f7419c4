import { describe, expect, it } from "vitest";
import { familyOf } from "./model-family.ts";

describe("familyOf", () => {
  it.each([
    ["claude-3-7-sonnet@20250219", "claude up to 4.1"],
    ["claude-3-5-haiku-20241022", "claude up to 4.1"],
    ["anthropic.claude-v2:1", "claude up to 4.1"],
    ["us.anthropic.claude-3-opus-20240229-v1:0", "claude up to 4.1"],
    ["claude-sonnet-4-20250514", "claude up to 4.1"],
    ["us.anthropic.claude-sonnet-4-20250514-v1:0", "claude up to 4.1"],
    ["claude-opus-4@20250514", "claude up to 4.1"],
    ["claude-sonnet-4-0", "claude up to 4.1"],
    ["anthropic/claude-opus-4.1", "claude up to 4.1"],
    ["claude-opus-4-1-20250805", "claude up to 4.1"],
    ["claude-opus-4", "claude up to 4.1"],
    ["claude-haiku-4-5-20251001", "claude 4.5 and 4.6"],
    ["anthropic/claude-sonnet-4.6", "claude 4.5 and 4.6"],
    ["claude-opus-4-6", "claude 4.5 and 4.6"],
    ["claude-opus-4-7", "claude since opus 4.7"],
    ["claude-opus-4.8", "claude since opus 4.7"],
    ["claude-opus-4-10", "claude since opus 4.7"],
    ["claude-sonnet-5", "claude since opus 4.7"],
    ["claude-haiku-5-5", "claude since opus 4.7"],
    ["claude-fable-5", "claude since opus 4.7"],
    ["openai/gpt-oss-120b", "gpt-oss"],
    ["gpt-5.6-sol", "gpt"],
    ["o4-mini", "gpt"],
    ["openai/o3", "gpt"],
    ["google/gemini-3-pro-preview", "gemini"],
    ["deepseek-ai/DeepSeek-R1", "deepseek"],
    ["moonshotai/Kimi-K2-Instruct-0905:groq", "kimi"],
    ["zai-org/GLM-5.2", "glm"],
    ["qwen3-coder", "qwen"],
    ["magistral-medium-latest", "mistral"],
    ["x-ai/grok-4.1-fast", "grok"],
    ["meta-llama/Llama-3.3-70B-Instruct", "llama"],
    ["minimax/minimax-m2:free", "minimax"],
    ["my-custom/model:free", "other"],
    ["", "other"],
  ])("%s is of %s", (model, name) => {
    expect(familyOf(model).name).toBe(name);
  });

  it("starts the newer Claude models at 1.45", () => {
    expect(familyOf("claude-opus-5-5").factor).toBe(1.45);
  });
});

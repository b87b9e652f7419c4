import { describe, expect, test } from "vitest";
import { anthropicModelName, betasFor, cloudModelName, foundationModel } from "./claude-clouds.ts";

describe("the names of Anthropic's models on the clouds", () => {
  test.each([
    ["claude-opus-5-5", "anthropic.claude-opus-5-5", "claude-opus-5-5"],
    ["claude-opus-5-5[1m]", "anthropic.claude-opus-5-5", "claude-opus-5-5"],
    ["claude-fable-5-1", "anthropic.claude-fable-5-1", "claude-fable-5-1"],
    ["claude-sonnet-5", "anthropic.claude-sonnet-5", "claude-sonnet-5"],
    ["claude-opus-4-8", "anthropic.claude-opus-4-8", "claude-opus-4-8"],
    ["claude-opus-4-6", "anthropic.claude-opus-4-6-v1", "claude-opus-4-6"],
    ["claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", "claude-sonnet-4-6"],
    ["claude-opus-4-5", "anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5@20251101"],
    ["claude-opus-4-5-20251101", "anthropic.claude-opus-4-5-20251101-v1:0", "claude-opus-4-5@20251101"],
    ["claude-haiku-4-5", "anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5@20251001"],
    ["claude-sonnet-4-0", "anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4@20250514"],
    ["claude-3-5-sonnet-20241022", "anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-v2@20241022"],
    ["claude-3-haiku-20240307", "anthropic.claude-3-haiku-20240307-v1:0", "claude-3-haiku@20240307"],
  ])("%s", (name, bedrock, vertex) => {
    expect(cloudModelName(name, { cloud: "bedrock", inferenceProfile: "none" })).toBe(bedrock);
    expect(cloudModelName(name, { cloud: "bedrock", region: "us-west-2" })).toBe(`us.${bedrock}`);
    expect(cloudModelName(name, { cloud: "vertex" })).toBe(vertex);
    expect(foundationModel(`us.${bedrock}`)).toBe(bedrock);
    for (const cloudName of [bedrock, `us.${bedrock}`, vertex]) {
      expect(anthropicModelName(cloudName)).toBe(anthropicModelName(name));
    }
  });

  test.each([
    ["us-east-1", "us"],
    ["us-gov-west-1", "us-gov"],
    ["eu-central-1", "eu"],
    ["ap-northeast-1", "jp"],
    ["ap-south-1", "global"],
    ["sa-east-1", "global"],
    [undefined, "global"],
  ])("in %s the inference profile is %s", (region, profile) => {
    expect(cloudModelName("claude-opus-5-5", { cloud: "bedrock", region })).toBe(
      `${profile}.anthropic.claude-opus-5-5`,
    );
  });

  test.each([
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc",
    "us.anthropic.claude-opus-5-5",
    "anthropic.claude-opus-5-5",
    "claude-opus-4-5@20251101",
    "some-other-model",
  ])("%s is left as it is", (name) => {
    expect(cloudModelName(name, { cloud: "bedrock", region: "us-east-1" })).toBe(name);
    expect(cloudModelName(name, { cloud: "vertex" })).toBe(name);
  });
});

test("only the betas that a cloud knows are kept, by its own names, each once", () => {
  const header =
    "claude-code-20250219, interleaved-thinking-2025-05-14,advanced-tool-use-2025-11-20,tool-search-tool-2025-10-19";
  expect(betasFor("bedrock", header)).toEqual(["interleaved-thinking-2025-05-14", "tool-search-tool-2025-10-19"]);
  expect(betasFor("vertex", header)).toEqual(["interleaved-thinking-2025-05-14", "tool-search-tool-2025-10-19"]);
  expect(betasFor("vertex", "effort-2025-11-24")).toEqual([]);
  expect(betasFor("bedrock", undefined)).toEqual([]);
});

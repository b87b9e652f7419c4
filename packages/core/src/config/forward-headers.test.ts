import { describe, expect, it } from "vitest";
import { parseConfig } from "./parse.ts";

const provider = (type: string, more: object = {}) => ({
  name: type,
  type,
  base_url: "https://host.example/v1",
  auth_value: "k-1",
  big_model: "m",
  small_model: "m",
  ...more,
});

describe("forward_headers", () => {
  it("of the settings holds for anthropic providers, and of a provider for itself", () => {
    const parsed = parseConfig(
      {
        providers: [provider("anthropic", { forward_headers: ["X-B", "x-a"] }), provider("openai")],
        settings: { forward_headers: ["X-A"] },
      },
      { env: {} },
    );
    expect(parsed.ok && parsed.config.providers.map(({ forwardHeaders }) => forwardHeaders)).toEqual([
      ["x-a", "x-b"],
      undefined,
    ]);
  });

  it.each([
    ["Authorization", "carries a credential"],
    ["x-api-key", "carries a credential"],
    ["Cookie", "carries a credential"],
    ["Host", "is set by ccpb itself"],
    ["Content-Length", "is set by ccpb itself"],
    ["no name", "is not a header name"],
  ])("refuses %s", (name, message) => {
    for (const document of [
      { providers: [provider("anthropic", { forward_headers: [name] })] },
      { providers: [provider("anthropic")], settings: { forward_headers: [name] } },
    ]) {
      const parsed = parseConfig(document, { env: {} });
      expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.message).join()).toContain(message);
    }
  });
});

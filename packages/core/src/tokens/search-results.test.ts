import { describe, expect, it } from "vitest";
import { estimateTokens } from "./estimate.ts";

const request = (...content: readonly { readonly type: string }[]) => ({
  model: "claude-sonnet-4-5",
  messages: [{ role: "user", content }],
});
const found = (encrypted: string) => ({
  type: "web_search_tool_result",
  tool_use_id: "srvtoolu_1",
  content: [{ type: "web_search_result", url: "https://a.example", title: "A", encrypted_content: encrypted }],
});

describe("the estimate of a prompt", () => {
  it("counts encrypted search results by their length, whatever they look like", () => {
    const none = estimateTokens(request(found("")));
    for (const letters of ["Eu8BCioI", "aaaaaaaa", "+/+/+/+/"])
      expect(estimateTokens(request(found(letters.repeat(875)))) - none).toBe(2_000);
  });

  it("adds what Claude's API says about citations once, and for no other model", () => {
    const document = { type: "document", source: { type: "text", media_type: "text/plain", data: "x" } };
    const cited = { ...document, citations: { enabled: true } };
    const costs = (model: string) =>
      estimateTokens(request(cited, cited), { model }) - estimateTokens(request(document, document), { model });
    expect([costs("claude-sonnet-4-5"), costs("gpt-5.6")]).toEqual([560, 0]);
  });
});

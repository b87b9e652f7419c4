import { toChatRequest } from "@ccpb/core/translate";
import { describe, expect, it } from "vitest";
import { bodyProblems } from "./chat-body-check.ts";
import { recordedMessages } from "./recorded-requests.ts";
import { hasShared } from "./recordings.ts";

const targets: readonly { readonly baseUrl: string; readonly model: string }[] = [
  { baseUrl: "https://example.test/v1", model: "some-model" },
  { baseUrl: "https://api.openai.com/v1", model: "gpt-5.6" },
  { baseUrl: "https://openrouter.ai/api/v1", model: "anthropic/claude-sonnet-4.6" },
  { baseUrl: "https://api.deepseek.com/v1", model: "deepseek-v4-flash" },
  { baseUrl: "https://api.mistral.ai/v1", model: "mistral-medium-latest" },
  { baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai", model: "gemini-3-pro" },
  { baseUrl: "https://api.moonshot.ai/v1", model: "kimi-k2.6" },
  { baseUrl: "http://127.0.0.1:11434/v1", model: "qwen3" },
];

const recorded = recordedMessages();

describe("recorded Messages requests", () => {
  it("are there", () => {
    expect(recorded.filter(({ id }) => id.startsWith("own/")).length).toBeGreaterThanOrEqual(6);
    if (!hasShared) return;
    expect(recorded.filter(({ id }) => id.startsWith("claude-code-2.1.330/")).length).toBeGreaterThanOrEqual(34);
    expect(recorded.filter(({ id }) => id.startsWith("dd-trace-js/")).length).toBeGreaterThanOrEqual(4);
  });

  for (const target of targets) {
    it(`become sound bodies for ${target.model}, the same bytes twice`, () => {
      for (const recording of recorded) {
        const request = recording.body;
        const before = JSON.stringify(request);
        const once = toChatRequest(request, target);
        const problems = bodyProblems(once.body);
        expect({ id: recording.id, problems }).toEqual({ id: recording.id, problems: [] });
        expect(JSON.stringify(toChatRequest(request, target).body)).toBe(JSON.stringify(once.body));
        expect(JSON.stringify(request)).toBe(before);
      }
    });
  }

  it("of Claude Code keep system turns, lose the billing header, and hold nothing of Anthropic's alone", () => {
    for (const recording of recorded.filter(({ id }) => id.startsWith("claude-code-2.1.330/"))) {
      const request = recording.body;
      const { body } = toChatRequest(request, { model: "some-model", profile: { midSystem: "system" } });
      const text = JSON.stringify(body);
      expect(text).not.toMatch(
        /x-anthropic-billing-header|DeferredToolPlaceholder|"(?:defer_loading|cache_control|input_schema|tool_use_id)":/,
      );
      // Not every recorded system turn has content.
      const systemTurns = request.messages.filter(
        ({ role, content }) => role === "system" && content && content.length > 0,
      );
      expect(body.messages.filter(({ role }) => role === "system").length).toBe(
        systemTurns.length + (request.system ? 1 : 0),
      );
    }
  });

  it("of Claude Code come with a deferred tool once a tool search has loaded it", () => {
    const names = (end: string): readonly string[][] => {
      const chosen = recorded.filter(({ id }) => id.endsWith(end));
      const bodies = chosen.map(({ body }) => toChatRequest(body, { model: "some-model" }).body);
      return bodies.map(({ tools = [] }) => tools.map((tool) => tool.function.name));
    };
    const [before, loaded] = [
      [...names("--tool-search-before"), ...names("/toolsearch.0")],
      [...names("--tool-search-loaded"), ...names("/toolsearch.2")],
    ];
    expect([before.length, loaded.length]).toEqual(hasShared ? [2, 2] : [1, 1]);
    for (const tools of before) expect(tools).not.toContain("WebFetch");
    for (const tools of loaded) expect(tools).toContain("WebFetch");
  });
});

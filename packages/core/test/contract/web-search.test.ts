import { describe, expect, it } from "vitest";
import { messageToEvents, MessageStreamChecker, toChatRequest, messagesToResponses } from "@ccpb/core/translate";

const search = { type: "web_search_20250305", name: "web_search", max_uses: 8 };
const custom = { name: "f", input_schema: { type: "object" } };
const prompt = "Perform a web search for the query: weather in Graz";

const ask = (members: object) => ({
  model: "claude-x",
  max_tokens: 100,
  messages: [{ role: "user", content: [{ type: "text", text: prompt }] }],
  ...members,
});

const dialects = { chat: toChatRequest, responses: messagesToResponses };

describe.each(Object.entries(dialects))("a web search over %s", (_name, translate) => {
  const answer = (members: object) => translate(ask(members), { model: "m" }).localAnswer;

  it.each([
    ["alone", { tools: [search] }],
    ["alone, forced", { tools: [search], tool_choice: { type: "tool", name: "web_search" } }],
    ["alone, streamed", { tools: [search], stream: true }],
    ["of a later version", { tools: [{ type: "web_search_20260209", name: "web_search" }] }],
    ["asked for in a string", { tools: [search], messages: [{ role: "user", content: prompt }] }],
  ])("%s is answered with the error of that tool", (_case, members) => {
    const message = answer(members);
    expect(message).toMatchObject({ model: "claude-x", stop_reason: "end_turn" });
    const [call, result, text] = message?.content ?? [];
    expect(call).toMatchObject({ type: "server_tool_use", name: "web_search", input: { query: "weather in Graz" } });
    expect(result).toEqual({
      type: "web_search_tool_result",
      tool_use_id: call?.type === "server_tool_use" ? call.id : "",
      content: { type: "web_search_tool_result_error", error_code: "unavailable" },
    });
    expect(text).toMatchObject({ type: "text", text: expect.stringContaining("unavailable") as unknown });
  });

  it("is told as a stream that holds to the grammar", () => {
    const checker = new MessageStreamChecker();
    const message = answer({ tools: [search], stream: true });
    for (const event of message ? messageToEvents(message) : []) checker.push(event);
    expect([message?.content.length, checker.problems]).toEqual([3, []]);
  });

  it.each([
    ["beside another tool", { tools: [search, custom] }],
    ["that is not offered", { tools: [custom] }],
    ["without tools", {}],
    ["beside another server tool", { tools: [search, { type: "code_execution_20250825", name: "code_execution" }] }],
  ])("%s is left to the model", (_case, members) => {
    expect(answer(members)).toBeUndefined();
  });

  it("says each server tool that is left out", () => {
    const { warnings } = translate(ask({ tools: [search] }), { model: "m" });
    expect(warnings.map(({ message }) => message)).toContain("server tool web_search dropped");
  });
});

it("is left to a provider that searches itself", () => {
  const target = { model: "gpt-5.6", baseUrl: "https://api.openai.com/v1" };
  expect(messagesToResponses(ask({ tools: [search] }), target).localAnswer).toBeUndefined();
});

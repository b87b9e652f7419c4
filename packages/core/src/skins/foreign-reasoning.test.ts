import { describe, expect, it } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import type { JsonObject } from "../base/json.ts";
import { scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { createFetch } from "./fetch.ts";

const message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-opus-5",
  content: [{ type: "text", text: "served" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 5, output_tokens: 1 },
};

/** Sends a request to a balancer with Claude alone, which serves everything, and returns what it was sent. */
async function sentToClaude(path: string, request: JsonObject): Promise<string> {
  const clock = new VirtualClock();
  const { transport, requests } = scriptedTransport(clock, () => ({
    headers: { "content-type": "application/json" },
    body: JSON.stringify(message),
  }));
  const provider = {
    name: "claude",
    type: "anthropic" as const,
    baseUrl: "https://api.anthropic.com",
    auth: { type: "api_key" as const, keys: ["key-000000000000"] },
    bigModel: "claude-opus-5",
  };
  const fetch = createFetch(new Balancer({ providers: [provider] }, { clock }), transport);
  const response = await fetch(`https://ccpb.test${path}`, { method: "POST", body: JSON.stringify(request) });
  expect(response.status).toBe(200);
  return requests.map(({ body }) => body).join("\n");
}

const call = { name: "get", arguments: "{}" };

describe("reasoning of another maker in the history, where Claude is the only provider", () => {
  it.each<readonly [string, readonly JsonObject[]]>([
    ["encrypted", [{ type: "reasoning", id: "rs_1", summary: [], encrypted_content: "gAAAAABo".repeat(20) }]],
    [
      "encrypted, with a summary",
      [
        {
          type: "reasoning",
          id: "rs_1",
          summary: [{ type: "summary_text", text: "hm" }],
          encrypted_content: "gAAAAABo",
        },
      ],
    ],
    ["stored at its maker", [{ type: "reasoning", id: "rs_1", summary: [] }]],
    [
      "of several items",
      ["rs_1", "rs_2"].map((id) => ({ type: "reasoning", id, summary: [], encrypted_content: `gAAAAA${id}` })),
    ],
  ])("is left out of a request of Responses: %s", async (_name, reasoning) => {
    const sent = await sentToClaude("/v1/responses", {
      model: "gpt-5.6",
      input: [
        { role: "user", content: "q" },
        ...reasoning,
        { type: "function_call", call_id: "call_1", ...call },
        { type: "function_call_output", call_id: "call_1", output: "r" },
      ],
      tools: [{ type: "function", name: "get", parameters: { type: "object", properties: {} }, strict: false }],
    });
    expect(sent).toContain("tool_use");
    expect(sent).not.toMatch(/"thinking"|ccpb1|gAAAA/);
  });

  it.each<readonly [string, JsonObject]>([
    [
      "a signature",
      {
        reasoning_details: [
          { type: "reasoning.text", text: "hm", signature: "gAAAAABo", format: "openai-responses-v1" },
        ],
      },
    ],
    [
      "encrypted data",
      {
        reasoning_details: [
          { type: "reasoning.encrypted", data: "gAAAAABo", id: "rs_1", format: "openai-responses-v1" },
        ],
      },
    ],
    ["a text alone", { reasoning_content: "hm" }],
  ])("is left out of a request of Chat Completions: %s", async (_name, reasoning) => {
    const sent = await sentToClaude("/v1/chat/completions", {
      model: "gpt-5.6",
      messages: [
        { role: "user", content: "q" },
        {
          role: "assistant",
          content: null,
          ...reasoning,
          tool_calls: [{ id: "call_1", type: "function", function: call }],
        },
        { role: "tool", tool_call_id: "call_1", content: "r" },
      ],
      tools: [{ type: "function", function: { name: "get", parameters: { type: "object", properties: {} } } }],
    });
    expect(sent).toContain("tool_use");
    expect(sent).not.toMatch(/"thinking"|ccpb1|gAAAA/);
  });
});

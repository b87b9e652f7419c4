import { describe, expect, it } from "vitest";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { toChatRequest } from "./chat/request.ts";
import { messagesToResponses } from "./responses/request.ts";
import { resolveProfile } from "../vendors/profile.ts";

const tools = [
  { name: "f", strict: true, input_schema: { type: "object", properties: {}, additionalProperties: false } },
  { name: "g", input_schema: { type: "object" } },
];

function bodyFor(target: readonly [baseUrl: string, model: string], more: object = {}) {
  const request = { model: "claude-x", max_tokens: 100, messages: [{ role: "user", content: "hi" }], tools, ...more };
  const [baseUrl, model] = target;
  const { body, warnings } = toChatRequest(request as MessagesRequest, { model, baseUrl });
  return { body: JSON.parse(JSON.stringify(body)) as Record<string, unknown>, codes: warnings.map(({ code }) => code) };
}

const forced = [{ type: "any" }, { type: "tool", name: "f" }];
const thinking = [{ type: "enabled", budget_tokens: 2_000 }, { type: "adaptive" }];

describe("DeepSeek", () => {
  it("is not asked to think where a call is forced", () => {
    for (const tool_choice of forced) {
      for (const one of [...thinking, undefined]) {
        const more = { tool_choice, thinking: one, output_config: { effort: "high" } };
        const { body, codes } = bodyFor(["https://api.deepseek.com", "deepseek-v4-pro"], more);
        expect(body).toMatchObject({ thinking: { type: "disabled" } });
        expect(body).not.toHaveProperty("reasoning_effort");
        expect(codes.includes("thinking_off")).toBe(one !== undefined);
      }
    }
  });
});

describe("Z.AI", () => {
  const glm = (version: string) => ["https://api.z.ai/api/paas/v4", `glm-${version}`] as const;

  it("streams tool calls, and only where there are tools and a stream", () => {
    expect(bodyFor(glm("5"), { stream: true }).body["tool_stream"]).toBe(true);
    expect(bodyFor(glm("5")).body).not.toHaveProperty("tool_stream");
    expect(bodyFor(glm("5"), { stream: true, tools: [] }).body).not.toHaveProperty("tool_stream");
  });

  it("takes no choice of tools but auto", () => {
    for (const tool_choice of forced) {
      const { body, codes } = bodyFor(glm("5"), { tool_choice });
      expect(body["tool_choice"]).toBe("auto");
      expect(codes).toContain("tool_choice_changed");
    }
    expect(bodyFor(glm("5"), { tool_choice: { type: "none" } }).body).not.toHaveProperty("tools");
  });

  it("is asked in a last text for the call that cannot be forced, and only then", () => {
    const said = (tool_choice: object, more: object = {}) => {
      const { messages } = bodyFor(glm("5"), { tool_choice, system: "Be brief.", ...more }).body;
      return messages as readonly Record<string, unknown>[];
    };
    const system = { role: "system", content: "Be brief." };
    expect(said({ type: "any" })).toEqual([
      system,
      {
        role: "user",
        content: [
          { type: "text", text: "hi" },
          { type: "text", text: "Answer by calling one of the tools. Do not answer in words alone." },
        ],
      },
    ]);
    expect(JSON.stringify(said({ type: "tool", name: "f" }).at(-1))).toContain('the tool \\"f\\"');
    for (const choice of [{ type: "auto" }, { type: "none" }, { type: "tool", name: "unknown" }]) {
      expect(said(choice)).toEqual([system, { role: "user", content: "hi" }]);
    }
    expect(said({ type: "any" }, { tools: [] })).toHaveLength(2);
    const answered = said(
      { type: "any" },
      {
        messages: [
          { role: "user", content: "hi" },
          { role: "assistant", content: [{ type: "tool_use", id: "call_1", name: "f", input: {} }] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "call_1", content: "42" }] },
        ],
      },
    );
    expect(answered.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool", "user"]);
    expect(JSON.stringify(answered.at(-1))).toContain("Answer by calling one of the tools.");
  });

  it("is asked so by Responses too", () => {
    const request = {
      model: "m",
      max_tokens: 9,
      messages: [{ role: "user", content: "hi" }],
      tools,
      tool_choice: forced[1],
    };
    const { body } = messagesToResponses(request as never, { model: "m", profile: { toolChoice: "auto" } });
    expect(body.tool_choice).toBe("auto");
    expect(JSON.stringify(body.input)).toContain('Answer by calling the tool \\"f\\".');
    expect(JSON.stringify(messagesToResponses(request as never, { model: "m" }).body)).not.toContain(
      "Answer by calling",
    );
  });

  it("is told the name under which the model knows the tool", () => {
    const name = `mcp__server__${"n".repeat(80)}`;
    const request = { tools: [{ name, input_schema: { type: "object" } }], tool_choice: { type: "tool", name } };
    const { body } = bodyFor(glm("5"), request);
    const [tool] = body["tools"] as readonly { readonly function: { readonly name: string } }[];
    expect(tool?.function.name).not.toBe(name);
    expect(JSON.stringify(body["messages"])).toContain(tool?.function.name);
    expect(JSON.stringify(body["messages"])).not.toContain(name);
  });

  it("takes an effort from GLM-5.2 on, and always thinks from GLM-5.3 on", () => {
    const disabled = { thinking: { type: "disabled" } };
    const high = { thinking: { type: "adaptive" }, output_config: { effort: "high" } };
    expect(bodyFor(glm("5.1"), high).body).not.toHaveProperty("reasoning_effort");
    expect(bodyFor(glm("5.2"), high).body).toMatchObject({ reasoning_effort: "high" });
    expect(bodyFor(glm("5.2"), disabled).body["thinking"]).toEqual({ type: "disabled" });
    expect(bodyFor(glm("5.3"), disabled).body).not.toHaveProperty("thinking");
  });
});

describe("Kimi", () => {
  it.each([
    ["kimi-k2.5", "named"],
    ["kimi-k2.7-code", "auto"],
    ["kimi-k3", "required"],
    ["kimi-for-coding", "required"],
  ])("has a call forced as far as it takes one while it thinks: %s", (model, most) => {
    const [any, named] = forced.map(
      (tool_choice) => bodyFor(["https://api.moonshot.ai/v1", model], { tool_choice }).body,
    );
    expect(any?.["tool_choice"]).toBe(most === "auto" ? "auto" : "required");
    expect(named?.["tool_choice"]).toEqual(most === "named" ? { type: "function", function: { name: "f" } } : most);
    expect(named?.["tools"]).toHaveLength(most === "required" ? 1 : 2);
    expect(JSON.stringify(named?.["messages"]).includes("Answer by calling")).toBe(most === "auto");
  });

  it.each(["kimi-k2.7", "kimi-k3", "kimi-k3.1", "kimi-for-coding"])("%s always thinks", (model) => {
    const target = ["https://api.moonshot.ai/v1", model] as const;
    const { body, codes } = bodyFor(target, { thinking: { type: "disabled" }, temperature: 0.3 });
    expect(body).not.toHaveProperty("thinking");
    expect(body).not.toHaveProperty("temperature");
    expect(body["reasoning_effort"]).toBe("low");
    expect(codes).toContain("thinking_stays_on");
    const wanted = (effort: string) =>
      bodyFor(target, { thinking: { type: "adaptive" }, output_config: { effort } }).body["reasoning_effort"];
    expect(["low", "medium", "high", "xhigh", "max"].map(wanted)).toEqual(["low", "low", "high", "high", "max"]);
  });

  it("K2.5 can be told not to think", () => {
    const { body } = bodyFor(["https://api.moonshot.ai/v1", "kimi-k2.5"], { thinking: { type: "disabled" } });
    expect(body["thinking"]).toEqual({ type: "disabled" });
  });
});

describe("Mistral", () => {
  it("is given no turn that was not in the conversation, and is asked for its counts", () => {
    const messages = [
      { role: "user", content: "q" },
      { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "f", input: {} }] },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "c1", content: "r" },
          { type: "text", text: "go" },
        ],
      },
    ];
    const more = { messages, stream: true };
    const { body } = bodyFor(["https://api.mistral.ai/v1", "mistral-large-latest"], more);
    expect((body["messages"] as { role: string }[]).map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "tool",
      "user",
    ]);
    expect(body["stream_options"]).toEqual({ include_usage: true });
  });
});

describe("Cerebras", () => {
  it("is sent no tools of which some are strict", () => {
    const { body } = bodyFor(["https://api.cerebras.ai/v1", "zai-glm-4.7"]);
    expect(JSON.stringify(body["tools"])).not.toContain("strict");
  });
});

describe("LM Studio", () => {
  it("is sent a named tool alone, with required", () => {
    const { body } = bodyFor(["http://localhost:1234/v1", "any"], { tool_choice: { type: "tool", name: "g" } });
    expect(body["tool_choice"]).toBe("required");
    expect(body["tools"]).toMatchObject([{ function: { name: "g" } }]);
    expect(bodyFor(["http://localhost:1234/v1", "any"], { tool_choice: { type: "any" } }).body["tools"]).toHaveLength(
      2,
    );
  });
});

describe("models that write their thinking into the text", () => {
  it.each([
    ["https://api.groq.com/openai/v1", "qwen/qwen3-32b"],
    ["https://x.services.ai.azure.com/v1", "DeepSeek-R1"],
    ["https://api.minimax.io/v1", "MiniMax-M2"],
    ["http://localhost:8080/v1", "qwen3-8b"],
  ])("%s %s", (baseUrl, model) => {
    expect(resolveProfile({ baseUrl, model }).thinkTags).toBe(true);
  });
});

describe("MiniMax", () => {
  it("is asked to split its thinking off", () => {
    expect(bodyFor(["https://api.minimax.io/v1", "MiniMax-M2"]).body["reasoning_split"]).toBe(true);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { messagesModel } from "../../vendors/claude-models.ts";
import { countedPart, fitRequest } from "./fit-request.ts";

const request = (change: JsonObject = {}): MessagesRequest => ({
  model: "asked",
  messages: [{ role: "user", content: "hi" }],
  ...change,
});
const fitted = (change: JsonObject, model: string): MessagesRequest & JsonObject => ({
  ...fitRequest(request(change), model).request,
});

describe("what a model takes", () => {
  it.each([
    ["claude-3-haiku-20240307", 4_096, "none"],
    ["claude-3-5-sonnet-20241022", 8_192, "none"],
    ["claude-3-5-haiku@20241022", 8_192, "none"],
    ["claude-3-7-sonnet-20250219", 64_000, "budget"],
    ["claude-sonnet-4-20250514", 64_000, "budget"],
    ["claude-opus-4-1-20250805", 32_000, "budget"],
    ["us.anthropic.claude-haiku-4-5-20251001-v1:0", 64_000, "budget"],
    ["anthropic/claude-sonnet-4.5", 64_000, "budget"],
    ["claude-opus-4-5@20251101", 64_000, "budget"],
    ["claude-opus-4-6", 128_000, "both"],
    ["claude-sonnet-4-6", 128_000, "both"],
    ["claude-opus-4-8", 128_000, "adaptive"],
    ["claude-opus-5", 128_000, "adaptive"],
    ["claude-haiku-5-5-20261001", 128_000, "adaptive"],
    ["claude-fable-1", 128_000, "adaptive"],
    ["some-claude", 128_000, "adaptive"],
    ["deepseek-chat", 32_000, "budget"],
    ["kimi-k3", 32_000, "budget"],
  ])("%s gives %i tokens and thinks by %s", (model, maxOutputTokens, thinking) => {
    expect(messagesModel(model)).toMatchObject({ maxOutputTokens, thinking });
  });
});

describe("a request of another API at a model of the Messages API", () => {
  it.each([
    ["claude-3-haiku-20240307", 4_096],
    ["claude-opus-5", 32_000],
    ["kimi-k3", 32_000],
  ])("gets a limit where the client named none: %s", (model, limit) => {
    expect(fitted({}, model)).toMatchObject({ max_tokens: limit });
    expect(fitted({ max_tokens: 100 }, model)).toMatchObject({ max_tokens: 100 });
  });

  it("has room for long thinking, and no more than the model gives", () => {
    expect(fitted({ output_config: { effort: "max" } }, "claude-opus-5")).toMatchObject({ max_tokens: 64_000 });
    const { request: clamped, warnings } = fitRequest(request({ max_tokens: 100_000 }), "claude-3-5-haiku-latest");
    expect(clamped.max_tokens).toBe(8_192);
    expect(warnings).toMatchObject([{ path: "max_tokens" }]);
    expect(fitted({ max_tokens: 100_000 }, "kimi-k3")).toMatchObject({ max_tokens: 100_000 });
  });

  const adaptive = { thinking: { type: "adaptive" }, output_config: { effort: "high" } };
  const budgeted = { thinking: { type: "enabled", budget_tokens: 5_000 } };

  it.each([
    [adaptive, "claude-opus-5", { type: "adaptive" }, { effort: "high" }],
    [adaptive, "claude-sonnet-4-6", { type: "adaptive" }, { effort: "high" }],
    [adaptive, "claude-sonnet-4-5", { type: "enabled", budget_tokens: 16_000 }, undefined],
    [{ ...adaptive, max_tokens: 3_000 }, "claude-sonnet-4-5", { type: "enabled", budget_tokens: 1_500 }, undefined],
    [{ ...adaptive, max_tokens: 2_000 }, "claude-sonnet-4-5", undefined, undefined],
    [adaptive, "claude-3-5-haiku-20241022", undefined, undefined],
    [budgeted, "claude-opus-5", { type: "adaptive" }, undefined],
    [budgeted, "claude-sonnet-4-6", { type: "enabled", budget_tokens: 5_000 }, undefined],
    [budgeted, "claude-haiku-4-5", { type: "enabled", budget_tokens: 5_000 }, undefined],
    [{ thinking: { type: "disabled" } }, "claude-opus-5", { type: "disabled" }, undefined],
    [{ thinking: { type: "disabled" } }, "claude-3-haiku-20240307", undefined, undefined],
    [{ output_config: { effort: "low" } }, "claude-opus-4-5", { type: "enabled", budget_tokens: 2_048 }, undefined],
    [{ ...adaptive, tool_choice: { type: "any" } }, "claude-haiku-4-5", undefined, undefined],
    [{}, "claude-haiku-4-5", undefined, undefined],
  ])("thinks as the model can: %j at %s", (change, model, thinking, config) => {
    const { thinking: sent, output_config: sentConfig } = fitted(change, model);
    expect(sent).toEqual(thinking);
    expect(sentConfig).toEqual(config);
  });

  const off = { thinking: { type: "disabled" } };

  it.each([
    ["claude-opus-4-8", {}, { type: "disabled" }, undefined],
    ["claude-opus-4-8", { effort: "max" }, { type: "disabled" }, { effort: "max" }],
    ["claude-opus-5", { effort: "max" }, { type: "disabled" }, { effort: "high" }],
    ["us.anthropic.claude-haiku-5-5", { effort: "xhigh" }, { type: "disabled" }, { effort: "high" }],
    ["claude-haiku-5-5", { effort: "low" }, { type: "disabled" }, { effort: "low" }],
    ["claude-sonnet-5", {}, { type: "disabled" }, undefined],
    ["anthropic/claude-sonnet-5.5", {}, { type: "between_tools" }, undefined],
    ["claude-sonnet-5-5", { effort: "high" }, { type: "between_tools" }, { effort: "high" }],
    ["claude-sonnet-5-5", { effort: "xhigh" }, { type: "between_tools" }, { effort: "high" }],
    ["claude-sonnet-5-5", { effort: "max" }, { type: "between_tools" }, { effort: "high" }],
    ["claude-opus-5-5@20260922", {}, undefined, { effort: "low" }],
    ["claude-opus-6", { effort: "medium" }, undefined, { effort: "medium" }],
    ["claude-fable-5", {}, undefined, { effort: "low" }],
    ["claude-mythos-5-1", {}, undefined, { effort: "low" }],
    ["kimi-k3", { effort: "max" }, { type: "disabled" }, { effort: "max" }],
  ])("is told not to think as the model can be told: %s with %j", (model, config, thinking, sentConfig) => {
    const { thinking: sentThinking, output_config: sentOutput } = fitted(
      { ...off, ...(Object.keys(config).length > 0 && { output_config: config }) },
      model,
    );
    expect([sentThinking, sentOutput]).toEqual([thinking, sentConfig]);
  });

  const tools = [
    { name: "look_up", input_schema: { type: "object" } },
    { name: "other", input_schema: { type: "object" } },
  ];

  it.each([
    ["claude-opus-5", true],
    ["claude-sonnet-5", true],
    ["claude-haiku-5-5", true],
    ["claude-fable-5", true],
    ["kimi-k3", true],
    ["us.anthropic.claude-opus-5-5", false],
    ["claude-sonnet-5-5", false],
    ["claude-fable-5-1", false],
    ["claude-opus-6", false],
  ])("has a call forced where the model bears it, and asked for in words elsewhere: %s", (model, isForced) => {
    for (const [choice, words] of [
      [{ type: "any", disable_parallel_tool_use: true }, /calling one of the tools/],
      [{ type: "tool", name: "look_up" }, /calling the tool \\"look_up\\"/],
    ] as const) {
      const { request: result, warnings } = fitRequest(
        request({ tools, tool_choice: choice, system: "Be brief.", ...adaptive }),
        model,
      );
      const sent: MessagesRequest & JsonObject = { ...result };
      const { type: _type, name: _name, ...others } = { name: "", ...choice };
      expect(sent["tool_choice"]).toEqual(isForced ? choice : { ...others, type: "auto" });
      expect(sent.tools).toEqual(tools);
      expect(sent.system).toBe("Be brief.");
      const said = JSON.stringify(sent.messages.at(-1));
      if (isForced) expect(said).not.toMatch(words);
      else expect(said).toMatch(words);
      expect(warnings.some(({ path }) => path === "tool_choice")).toBe(!isForced);
      // Only a forced call keeps the model from thinking.
      if (!isForced) expect(sent["thinking"]).toEqual({ type: "adaptive" });
    }
  });

  it.each([
    ["a question", [{ role: "user", content: "hi" }]],
    [
      "results",
      [
        { role: "user", content: "hi" },
        { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "look_up", input: {} }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "42" }] },
      ],
    ],
    [
      "the assistant's own words",
      [
        { role: "user", content: "hi" },
        { role: "assistant", content: "Let me see." },
      ],
    ],
    [
      "a system turn",
      [
        { role: "user", content: "hi" },
        { role: "system", content: "Hurry." },
      ],
    ],
  ])(
    "is asked for a call at the end, so that nothing in front of earlier thinking changes: behind %s",
    (_what, messages) => {
      const asked = { tools, tool_choice: { type: "any" }, system: "Be brief.", messages };
      const sent = fitted(asked, "claude-opus-5-5");
      const free = fitted({ ...asked, tool_choice: { type: "auto" } }, "claude-opus-5-5");
      const said = JSON.stringify(sent.messages);
      expect(sent.system).toEqual(free.system);
      expect(sent.tools).toEqual(free.tools);
      expect(sent.messages.at(-1)).toMatchObject({ role: "user" });
      expect(said).toMatch(/calling one of the tools[^{}]*\}?\]?\}\]$/);
      expect(sent.messages.slice(0, messages.length - 1)).toEqual(free.messages.slice(0, messages.length - 1));
    },
  );

  it.each([
    ["claude-sonnet-5", { effort: "max" }, { type: "disabled" }, { effort: "max" }],
    ["us.anthropic.claude-opus-5", { effort: "max" }, { type: "disabled" }, { effort: "high" }],
    ["claude-haiku-5-5", { effort: "low" }, { type: "disabled" }, { effort: "low" }],
    ["claude-fable-5", { effort: "max" }, undefined, { effort: "max" }],
    ["claude-opus-4-8", { effort: "xhigh" }, undefined, { effort: "xhigh" }],
    ["kimi-k3", { effort: "xhigh" }, undefined, { effort: "xhigh" }],
  ])("does not think unasked where a call is forced: %s", (model, config, thinking, sentConfig) => {
    for (const asked of [{}, adaptive]) {
      const sent = fitted({ tools, tool_choice: { type: "any" }, ...asked, output_config: config }, model);
      expect([sent["thinking"], sent["output_config"]]).toEqual([thinking, sentConfig]);
    }
  });

  it.each([
    ["claude-opus-4-6", "xhigh", "high"],
    ["claude-sonnet-4.6", "xhigh", "high"],
    ["claude-opus-4-6", "max", "max"],
    ["claude-opus-4-7", "xhigh", "xhigh"],
    ["kimi-k3", "xhigh", "xhigh"],
  ])("has an effort that the model knows: %s with %s", (model, effort, sent) => {
    expect(fitted({ ...adaptive, output_config: { effort } }, model)["output_config"]).toEqual({ effort: sent });
  });

  it.each([
    [
      { temperature: 0.2, top_p: 0.5, top_k: 3 },
      "claude-3-5-haiku-20241022",
      { temperature: 0.2, top_p: 0.5, top_k: 3 },
    ],
    [{ temperature: 0.2, top_p: 0.5, top_k: 3 }, "claude-sonnet-4-5", { temperature: 0.2, top_k: 3 }],
    [{ temperature: 1, top_p: 0.5 }, "claude-opus-5", {}],
    [{ top_p: 0.5, thinking: { type: "enabled", budget_tokens: 2_000 } }, "claude-sonnet-4-5", {}],
    [{ temperature: 0.3, top_p: 0.96, ...budgeted }, "claude-sonnet-4-5", { top_p: 0.96 }],
    [{ temperature: 0.3, top_p: 0.9 }, "kimi-k3", { temperature: 0.3, top_p: 0.9 }],
  ])("is sampled as the model takes it: %j at %s", (change, model, sampling) => {
    const { temperature, top_p: topP, top_k: topK } = fitted(change, model);
    expect({ temperature, top_p: topP, top_k: topK }).toEqual({
      temperature: undefined,
      top_p: undefined,
      top_k: undefined,
      ...sampling,
    });
  });

  it("asks for a format in words where the model has no member for it", () => {
    const schema = { type: "object", properties: {}, additionalProperties: false };
    const format = { type: "json_schema", schema };
    expect(fitted({ output_config: { format } }, "claude-sonnet-4-5")).toMatchObject({ output_config: { format } });
    const older = fitted(
      { output_config: { format }, system: [{ type: "text", text: "Be brief." }] },
      "claude-3-7-sonnet-20250219",
    );
    expect(older).not.toHaveProperty("output_config");
    expect(JSON.stringify(older.system)).toMatch(/Be brief\..*JSON Schema/);
  });

  it("leaves out stop sequences of white space", () => {
    expect(fitted({ stop_sequences: ["\n", "END"] }, "claude-opus-5")).toMatchObject({ stop_sequences: ["END"] });
    expect(fitted({ stop_sequences: ["\n\n"] }, "claude-opus-5")).not.toHaveProperty("stop_sequences");
  });

  const user = { role: "user", content: "hi" };
  const call = { type: "tool_use", id: "toolu_1", name: "a", input: {} };
  const result = { type: "tool_result", tool_use_id: "toolu_1", content: "42" };

  it.each([
    ["an empty message", [user, { role: "assistant", content: "" }, user], ["user"]],
    [
      "blank text",
      [
        user,
        { role: "assistant", content: [{ type: "text", text: " \n" }, call] },
        { role: "user", content: [result] },
      ],
      ["user", "assistant", "user"],
    ],
    ["the assistant's first", [{ role: "assistant", content: "Hello!" }, user], ["user", "assistant", "user"]],
    ["a system turn", [user, { role: "system", content: "Now be brief." }], ["user"]],
  ])("begins with the user's and alternates: %s", (_what, messages, roles) => {
    const sent = fitted({ messages }, "claude-sonnet-4-5").messages;
    expect(sent.map(({ role }) => role)).toEqual(roles);
    expect(JSON.stringify(sent)).not.toMatch(/"text":" \\n"/);
  });

  it("declares the tools of the history where the client offers none", () => {
    const messages = [user, { role: "assistant", content: [call, { ...call, id: "toolu_2" }] }, user];
    const declared = { tools: [{ name: "a", input_schema: { type: "object" } }], tool_choice: { type: "none" } };
    expect(fitted({ messages }, "claude-sonnet-4-5")).toMatchObject(declared);
    expect(fitted({ messages, tools: [] }, "claude-sonnet-4-5")).toMatchObject(declared);
    expect(fitted({ messages: [user] }, "claude-sonnet-4-5")).not.toHaveProperty("tools");
    expect(fitted({ messages }, "kimi-k3")).not.toHaveProperty("tools");
    const tools = [{ name: "b", input_schema: { type: "object" } }];
    const offered = fitted({ messages, tools }, "claude-sonnet-4-5");
    expect(offered.tools).toEqual(tools);
    expect(offered).not.toHaveProperty("tool_choice");
  });

  it.each(["functions.exec", " ", "a".repeat(300), "naïve", "f({"])("makes %j a name in the history", (name) => {
    const messages = [user, { role: "assistant", content: [{ ...call, name }] }, { role: "user", content: [result] }];
    const named = { name: expect.stringMatching(/^[A-Za-z0-9_-]{1,200}$/) as unknown };
    expect(fitted({ messages }, "claude-sonnet-4-5").messages[1]).toMatchObject({ content: [named] });
  });

  it("keeps results in front of what is added to their turn", () => {
    const messages = [
      user,
      { role: "assistant", content: [call] },
      { role: "system", content: "Hurry." },
      { role: "user", content: [result] },
    ];
    const last = fitted({ messages }, "claude-sonnet-4-5").messages.at(-1);
    expect(last?.content).toMatchObject([
      { type: "tool_result" },
      { type: "text", text: expect.stringContaining("Hurry.") as unknown },
    ]);
  });

  it("keeps system turns where the model takes them", () => {
    const messages = [user, { role: "assistant", content: "Yes?" }, user, { role: "system", content: "Be brief." }];
    expect(fitted({ messages }, "claude-opus-5").messages.map(({ role }) => role)).toEqual([
      "user",
      "assistant",
      "user",
      "system",
    ]);
  });

  it("ends with the user's where the model cannot go on with its own words", () => {
    const messages = [user, { role: "assistant", content: "The answer is " }];
    expect(fitted({ messages }, "claude-sonnet-4-5").messages.at(-1)).toEqual({
      role: "assistant",
      content: "The answer is",
    });
    expect(fitted({ messages }, "claude-opus-5").messages.at(-1)?.role).toBe("user");
    expect(fitted({ messages, ...budgeted }, "claude-sonnet-4-5").messages.at(-1)?.role).toBe("user");
  });

  it("is counted without what the count refuses", () => {
    const whole = fitRequest(request({ stream: true, temperature: 0.5, metadata: {} }), "claude-sonnet-4-5").request;
    expect(Object.keys(countedPart(whole)).toSorted()).toEqual(["messages", "model"]);
  });

  const block = fc.constantFrom<JsonObject>({ type: "text", text: "a" }, { type: "text", text: " " }, call, result);
  const turn = fc.record({
    role: fc.constantFrom("user", "assistant", "system"),
    content: fc.oneof(fc.constantFrom("", "words", "  "), fc.array(block, { maxLength: 3 })),
  });

  it("alternates whatever the conversation was, and loses no word, call or result", () => {
    fc.assert(
      fc.property(
        fc.array(turn, { maxLength: 8 }),
        fc.constantFrom("claude-3-haiku-20240307", "claude-sonnet-4-5", "claude-opus-5", "kimi-k3"),
        (messages, model) => {
          const given = JSON.stringify(messages);
          const sent = fitted({ messages }, model).messages;
          expect(JSON.stringify(messages)).toBe(given);
          const roles = sent.map(({ role }) => role as string);
          expect(roles.every((role, index) => role !== roles[index - 1])).toBe(true);
          if (roles.length > 0) expect(roles[0]).not.toBe("assistant");
          expect(tally(sent)).toEqual(tally(messages));
        },
      ),
    );
  });
});

/** How often each kind of content stands in a conversation. */
function tally(messages: readonly { readonly content?: unknown }[]): Readonly<Record<string, number>> {
  const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? content.filter(isObject) : []));
  const count = (type: string): number => blocks.filter((one) => one["type"] === type).length;
  return { calls: count("tool_use"), results: count("tool_result") };
}

describe("schemas of another API at Claude", () => {
  const member = { type: "integer", minimum: 1 };
  const strict = (name: string, properties: JsonObject = { a: member }): JsonObject => ({
    name,
    strict: true,
    input_schema: { type: "object", properties, required: Object.keys(properties), additionalProperties: false },
  });
  const format = (schema: JsonObject): JsonObject => ({ output_config: { format: { type: "json_schema", schema } } });
  const open = { type: "object", properties: { a: member, b: { type: "string" } }, required: ["a"] };
  const told = { type: "integer", description: "{minimum: 1}" };

  it("are those that it compiles, for an answer and for strict tools", () => {
    const made = fitted({ tools: [strict("f"), { name: "g", input_schema: open }], ...format(open) }, "claude-opus-5");
    expect(made.tools).toEqual([
      {
        ...strict("f"),
        input_schema: { type: "object", properties: { a: told }, required: ["a"], additionalProperties: false },
      },
      { name: "g", input_schema: open },
    ]);
    expect(made["output_config"]).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: { a: told, b: { type: "string" } },
          required: ["a"],
          additionalProperties: false,
        },
      },
    });
  });

  it("stay as they are for models of other makers", () => {
    const change = { tools: [strict("f")], ...format(open) };
    expect(fitted(change, "kimi-k3")).toMatchObject(change);
  });

  it("stand in the system prompt where it cannot be held to them", () => {
    const map = { type: "object", additionalProperties: { type: "string" } };
    const { request: made, warnings } = fitRequest(request(format(map)), "claude-opus-5");
    expect(made).not.toHaveProperty("output_config");
    expect(JSON.stringify(made.system)).toContain("JSON Schema");
    expect(warnings).toMatchObject([{ code: "format_instructed" }]);
  });

  it.each<readonly [string, string, readonly JsonObject[]]>([
    ["an older model", "claude-sonnet-4-20250514", [strict("f")]],
    ["many tools", "claude-opus-5", "abcdefg".split("").map((name) => strict(name))],
    ["a map", "claude-opus-5", [strict("f"), strict("g", { m: { type: "object" } })]],
    [
      "many choices of types",
      "claude-opus-5",
      [
        strict(
          "f",
          Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`p${at}`, { type: ["string", "null"] }])),
        ),
      ],
    ],
  ])("are not demanded of tools where it would refuse the request: %s", (_name, model, tools) => {
    const { request: made, warnings } = fitRequest(request({ tools }), model);
    expect(made.tools).toEqual(tools.map(({ strict: _strict, ...rest }) => rest));
    expect(warnings).toMatchObject([{ code: "strict_dropped", path: "tools" }]);
  });

  it("have no choice at the root of a tool's", () => {
    const branch = (name: string): JsonObject => ({ type: "object", properties: { [name]: { type: "string" } } });
    for (const key of ["anyOf", "oneOf", "allOf"]) {
      const input_schema = { type: "object", [key]: [branch("a"), branch("b")] };
      expect(fitted({ tools: [{ name: "f", input_schema }] }, "claude-opus-5").tools).toEqual([
        { name: "f", input_schema: { type: "object", properties: { a: { type: "string" }, b: { type: "string" } } } },
      ]);
    }
  });
});

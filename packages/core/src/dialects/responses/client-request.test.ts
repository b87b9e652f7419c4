import { describe, expect, it } from "vitest";
import { CcpbError } from "../../base/errors.ts";
import { readSignature } from "../../conversation/ids/signature.ts";
import { type FieldFate, includeFields, itemFields, partFields, requestFields, toolFields } from "./client-fields.ts";
import { responsesToMessages } from "./client-request.ts";
import { sealThinking } from "./thinking-envelope.ts";

type Members = Readonly<Record<string, unknown>>;

const hi: Members = { role: "user", content: "hi" };

function read(body: Members) {
  return responsesToMessages({ model: "m", input: [hi], ...body });
}

/** The messages of an input. */
function turns(...input: readonly Members[]): unknown {
  return read({ input }).request.messages;
}

function refusalOf(body: Members): CcpbError {
  try {
    read(body);
  } catch (error) {
    if (error instanceof CcpbError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

/** What the reader does with a body. */
function fateOf(body: Members, path: string): "refused" | "warned" | "silent" {
  try {
    return read(body).warnings.some((warning) => warning.path?.startsWith(path) === true) ? "warned" : "silent";
  } catch (error) {
    if (!(error instanceof CcpbError)) throw error;
    expect(error).toMatchObject({ code: "invalid_request", status: 400, type: "invalid_request_error" });
    expect(error.message.startsWith(path)).toBe(true);
    return "refused";
  }
}

const expected: Readonly<Record<FieldFate, string>> = {
  carried: "silent",
  "no effect": "silent",
  warned: "warned",
  refused: "refused",
};

/** A value of each member that asks for something. */
const values: Members = {
  model: "m",
  input: "hi",
  max_output_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  max_tool_calls: 3,
  presence_penalty: 0.5,
  frequency_penalty: 0.5,
  top_logprobs: 3,
  tools: [],
  tool_choice: "auto",
  reasoning: {},
  text: {},
  metadata: { a: "b" },
  include: ["reasoning.encrypted_content"],
  stream_options: { include_obfuscation: true },
  context_management: [{ type: "compaction" }],
  stream: true,
  background: true,
  store: false,
  parallel_tool_calls: true,
};

describe("the table of a Responses request", () => {
  it.each(Object.entries(requestFields))("member %s", (name, { fate }) => {
    expect(fateOf({ [name]: values[name] ?? "x" }, name)).toBe(expected[fate]);
  });

  it.each(Object.keys(requestFields))("member %s says nothing as null", (name) => {
    if (name === "model" || name === "input") return;
    const { context: _context, ...reading } = read({ [name]: null });
    const { context: _plain, ...plain } = read({});
    expect(reading).toEqual(plain);
  });

  it.each(Object.entries(itemFields))("item %s", (type, { fate }) => {
    const call = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };
    const item = {
      type,
      role: "user",
      content: "x",
      call_id: "c",
      id: "i",
      name: "f",
      input: "x",
      arguments: "{}",
      tools: [],
      output: "x",
    };
    expect(fateOf({ input: [hi, call, item, hi] }, "input[2]")).toBe(expected[fate]);
  });

  it.each(Object.entries(partFields))("part %s", (type, { fate }) => {
    const part = {
      type,
      text: "x",
      refusal: "x",
      image_url: "https://example.com/a.png",
      file_url: "https://example.com/a.pdf",
      file: { file_url: "https://example.com/a.pdf" },
      source: { type: "url", url: "https://example.com/a" },
    };
    expect(fateOf({ input: [{ role: "user", content: [part] }] }, "input[0].content[0]")).toBe(expected[fate]);
  });

  it.each(Object.entries(toolFields))("tool %s", (type, { fate }) => {
    const tool = { type, name: "f", execution: "client", tools: [] };
    expect(fateOf({ tools: [tool] }, "tools[0]")).toBe(expected[fate]);
  });

  it.each(Object.entries(includeFields))("include %s", (value, { fate }) => {
    expect(fateOf({ include: [value] }, "include[0]")).toBe(expected[fate]);
  });

  it("leaves out what it does not know with a warning, at every place", () => {
    expect(fateOf({ from_the_future: 1 }, "from_the_future")).toBe("warned");
    expect(fateOf({ input: [hi, { type: "future_call" }] }, "input[1]")).toBe("warned");
    expect(
      fateOf(
        { input: [{ role: "user", content: [{ type: "input_text", text: "x" }, { type: "future" }] }] },
        "input[0].content[1]",
      ),
    ).toBe("warned");
    expect(fateOf({ tools: [{ type: "future" }] }, "tools[0]")).toBe("warned");
    expect(fateOf({ include: ["future"] }, "include[0]")).toBe("warned");
  });
});

describe("refusals", () => {
  it.each<[Members, string]>([
    [{ model: undefined }, "model: a string is required"],
    [{ input: undefined }, "input: a string or an array of items is required"],
    [{ input: 5 }, "input: an array is required"],
    [{ input: [] }, "input: at least one message with content is required"],
    [{ input: " " }, "input: at least one message with content is required"],
    [{ input: [5] }, "input[0]: an object is required"],
    [
      { input: [{ role: "critic", content: "x" }] },
      'input[0].role: "user", "assistant", "system" or "developer" is required, not critic',
    ],
    [
      { input: [{ role: "user", content: [{ type: "input_text" }] }] },
      "input[0].content[0].text: a string is required",
    ],
    [
      { input: [{ role: "user", content: [{ type: "input_image", file_id: "f" }] }] },
      "input[0].content[0].file_id: files are stored at the provider that took them; send image_url",
    ],
    [
      { input: [{ role: "user", content: [{ type: "input_image", image_url: "file:///etc/passwd" }] }] },
      "input[0].content[0].image_url: an http(s) URL or a base64 data URL is required",
    ],
    [
      { input: [{ role: "user", content: [{ type: "input_file", file_data: "data:application/zip;base64,AA==" }] }] },
      "input[0].content[0].file_data: a file of the type application/zip cannot be sent; PDF, text and images can",
    ],
    [
      { input: [hi, { type: "function_call_output", call_id: "c9", output: "x" }] },
      "input[1].call_id: No tool call found for function call output with call_id c9.",
    ],
    [{ max_output_tokens: 0.5 }, "max_output_tokens: a whole number of at least 1 is required"],
    [{ temperature: "hot" }, "temperature: a number is required"],
    [{ tool_choice: "perhaps" }, 'tool_choice: "auto", "none" or "required" is required, not perhaps'],
    [{ tool_choice: { type: "function", name: "f" } }, "tool_choice: the request has no tool f"],
    [{ tools: [{ type: "function" }] }, "tools[0].name: a string is required"],
    [
      { tools: [{ type: "shell", environment: { type: "container_auto" } }] },
      "tools[0].environment: no provider that can be asked runs a shell in a container",
    ],
    [
      { reasoning: { effort: "extreme" } },
      "reasoning.effort: none, minimal, low, medium, high, xhigh or max is required, not extreme",
    ],
    [{ text: { format: { type: "xml" } } }, "text.format.type: text, json_object or json_schema is required, not xml"],
    [{ text: { format: { type: "json_schema", name: "a" } } }, "text.format.schema: an object is required"],
  ])("%j", (body, message) => {
    expect(refusalOf(body).message).toBe(message);
  });
});

describe("parameters", () => {
  it("carries limits, sampling, the user and the extras", () => {
    const { request, extras, warnings } = read({
      max_output_tokens: 9,
      temperature: 0.3,
      top_p: 0.8,
      user: "u",
      safety_identifier: "s",
      service_tier: "flex",
      prompt_cache_key: "k",
      prompt_cache_retention: "24h",
      truncation: "auto",
      presence_penalty: 1,
      frequency_penalty: 2,
      metadata: { a: "b", n: 1 },
      store: false,
      stream: true,
      text: { verbosity: "low" },
      include: ["reasoning.encrypted_content"],
    });
    expect(request).toMatchObject({
      max_tokens: 9,
      temperature: 0.3,
      top_p: 0.8,
      stream: true,
      metadata: { user_id: "s" },
    });
    expect(extras).toEqual({
      user: "u",
      safety_identifier: "s",
      service_tier: "flex",
      prompt_cache_key: "k",
      prompt_cache_retention: "24h",
      truncation: "auto",
      presence_penalty: 1,
      frequency_penalty: 2,
      metadata: { a: "b" },
      store: false,
      verbosity: "low",
      include: ["reasoning.encrypted_content"],
    });
    expect(warnings).toEqual([]);
  });

  it.each<[Members, Members]>([
    [{ effort: "high" }, { thinking: { type: "adaptive" }, output_config: { effort: "high" } }],
    [{ effort: "minimal" }, { thinking: { type: "adaptive" }, output_config: { effort: "low" } }],
    [{ effort: "none" }, { thinking: { type: "disabled" } }],
    [{ summary: "auto" }, { thinking: { type: "adaptive", display: "summarized" } }],
    [
      { effort: "max", summary: "detailed" },
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "max" } },
    ],
    [{ effort: null, summary: null }, {}],
  ])("reads reasoning %j", (reasoning, members) => {
    const { request } = read({ reasoning });
    expect(request).toEqual({ model: "m", messages: [hi], ...members });
  });

  it("leaves sampling out where the model thinks, and clamps a temperature that Anthropic refuses", () => {
    const thinking = read({ reasoning: { effort: "low" }, temperature: 0.2, top_p: 0.5 });
    expect(thinking.request).not.toHaveProperty("temperature");
    expect(thinking.warnings.map(({ code }) => code)).toEqual(["temperature_dropped", "top_p_dropped"]);
    expect(read({ temperature: 1.7 })).toMatchObject({
      request: { temperature: 1 },
      warnings: [{ code: "temperature_changed" }],
    });
  });

  it("asks for a JSON schema, or tells of a JSON object", () => {
    const schema = { type: "object", properties: { a: { type: "string" } } };
    expect(read({ text: { format: { type: "json_schema", name: "x", strict: true, schema } } }).request).toMatchObject({
      output_config: { format: { type: "json_schema", schema } },
    });
    expect(read({ text: { format: { type: "json_object" } } })).toMatchObject({
      request: { system: [{ type: "text", text: "Answer with one JSON object, and nothing else." }] },
      warnings: [{ code: "json_object_instructed" }],
    });
  });

  it.each<[Members, unknown]>([
    [{}, undefined],
    [{ tool_choice: "auto" }, undefined],
    [{ tool_choice: "none" }, { type: "none" }],
    [{ tool_choice: "required" }, { type: "any" }],
    [{ tool_choice: { type: "function", name: "a" } }, { type: "tool", name: "a" }],
    [{ tool_choice: { type: "custom", name: "c" } }, { type: "tool", name: "c" }],
    [{ tool_choice: { type: "local_shell" } }, { type: "tool", name: "local_shell" }],
    [{ tool_choice: { type: "web_search_preview" } }, { type: "tool", name: "web_search" }],
    [{ parallel_tool_calls: false }, { type: "auto", disable_parallel_tool_use: true }],
    [
      { parallel_tool_calls: false, tool_choice: "required" },
      { type: "any", disable_parallel_tool_use: true },
    ],
    [{ parallel_tool_calls: false, tool_choice: "none" }, { type: "none" }],
  ])("chooses tools by %j", (body, choice) => {
    const tools = [
      { type: "function", name: "a" },
      { type: "custom", name: "c" },
      { type: "local_shell" },
      { type: "web_search" },
    ];
    expect((read({ tools, ...body }).request as unknown as Members)["tool_choice"]).toEqual(choice);
  });

  it("leaves out tools that are not allowed, and does not think where a call is forced", () => {
    const tools = [
      { type: "function", name: "a" },
      { type: "function", name: "b" },
    ];
    const choice = { type: "allowed_tools", mode: "required", tools: [{ type: "function", name: "b" }] };
    const { request } = read({ tools, tool_choice: choice, reasoning: { effort: "low" } });
    expect(request).toMatchObject({
      tools: [{ name: "b" }],
      tool_choice: { type: "any" },
      output_config: { effort: "low" },
    });
    expect(request).not.toHaveProperty("thinking");
  });
});

describe("tools", () => {
  it("sends every kind, and keeps the client's own where calls have another form", () => {
    const custom = {
      type: "custom",
      name: "patch",
      description: "Patches.",
      format: { type: "grammar", syntax: "lark", definition: "start: X" },
    };
    const inner = { type: "function", name: "log", parameters: { type: "object", properties: {} } };
    const { request, extras } = read({
      tools: [
        { type: "function", name: "f", description: "", parameters: { properties: { a: {} } }, strict: true },
        custom,
        { type: "namespace", name: "mcp__git", description: "Git", tools: [inner] },
        {
          type: "web_search",
          filters: { allowed_domains: ["a.com"] },
          user_location: { type: "approximate", city: "Oslo", region: null },
        },
      ],
      max_tool_calls: 2,
    });
    expect(request.tools).toEqual([
      { name: "f", input_schema: { type: "object", properties: { a: {} } }, strict: true },
      {
        name: "patch",
        description: "Patches.\n\nThe input must follow this Lark grammar:\nstart: X",
        input_schema: expect.objectContaining({ required: ["input"] }) as unknown,
      },
      { name: "mcp__git__log", input_schema: { type: "object", properties: {} } },
      {
        type: "web_search_20250305",
        name: "web_search",
        allowed_domains: ["a.com"],
        user_location: { type: "approximate", city: "Oslo" },
        max_uses: 2,
      },
    ]);
    expect([...(extras.customTools ?? [])]).toEqual([
      ["patch", custom],
      ["mcp__git__log", { ...inner, namespace: "mcp__git" }],
    ]);
  });

  it("searches the web only with live access", () => {
    const { request, warnings } = read({ tools: [{ type: "web_search", external_web_access: false }] });
    expect(request).not.toHaveProperty("tools");
    expect(warnings).toMatchObject([{ code: "tool_dropped", path: "tools[0]" }]);
  });

  it("keeps names of namespaces apart and short", () => {
    const tool = (name: string): Members => ({ type: "function", name });
    const long = "n".repeat(60);
    const { request } = read({
      tools: [{ type: "namespace", name: long, tools: [tool("read_one"), tool("read_two")] }],
    });
    const names = request.tools?.map(({ name }) => name) ?? [];
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[a-zA-Z0-9_-]{1,64}$/);
  });
});

const call = (id: string, name = "f"): Members => ({ type: "function_call", call_id: id, name, arguments: "{}" });
const output = (id: string, text = id): Members => ({ type: "function_call_output", call_id: id, output: text });
const use = (id: string): Members => ({ type: "tool_use", id, name: "f", input: {} });
const result = (id: string, content: unknown = id): Members => ({ type: "tool_result", tool_use_id: id, content });

describe("the conversation", () => {
  it("puts parallel calls, and calls in a row, into turns with all their results behind them", () => {
    expect(turns(hi, call("a"), call("b"), output("b"), output("a"), call("c"), output("c"))).toEqual([
      hi,
      { role: "assistant", content: [use("a"), use("b")] },
      { role: "user", content: [result("a"), result("b")] },
      { role: "assistant", content: [use("c")] },
      { role: "user", content: [result("c")] },
    ]);
  });

  it("puts a result that came late, behind words of others, where its call is", () => {
    expect(
      turns(hi, call("a"), { role: "developer", content: "d" }, { role: "user", content: "u" }, output("a")),
    ).toEqual([
      hi,
      { role: "assistant", content: [use("a")] },
      { role: "user", content: [result("a")] },
      { role: "system", content: "d" },
      { role: "user", content: "u" },
    ]);
  });

  it("tells the model that an output is missing, and warns", () => {
    const { request, warnings } = read({ input: [hi, call("a"), hi] });
    expect(request.messages[2]).toMatchObject({
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "a", is_error: true }],
    });
    expect(warnings).toMatchObject([{ code: "tool_output_missing" }]);
  });

  it("keeps ids of calls unique and in the alphabet of the Messages API", () => {
    const messages = read({ input: [hi, call("a:1"), output("a:1"), call("a:1"), output("a:1")] }).request.messages;
    const ids = messages
      .flatMap(({ content }) => (Array.isArray(content) ? (content as unknown as readonly Members[]) : []))
      .map((block) => block["id"] ?? block["tool_use_id"]);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).toBe(ids[3]);
    expect(ids[0]).not.toBe(ids[2]);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
  });

  it("sends instructions alone as a message of the user", () => {
    expect(read({ input: [{ role: "developer", content: "Go." }] }).request).toEqual({
      model: "m",
      messages: [{ role: "user", content: "Go." }],
    });
  });

  it("reads the output of tools with parts, and of those that failed", () => {
    const parts = [
      { type: "input_text", text: "see" },
      { type: "input_image", image_url: "data:image/png;base64,AA==" },
    ];
    const blocks = [
      { type: "text", text: "see" },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "AA==" } },
    ];
    expect(turns(hi, call("a"), { ...output("a"), output: parts })).toMatchObject([
      hi,
      {},
      { content: [result("a", blocks)] },
    ]);
    expect(turns(hi, call("a"), { ...output("a"), output: "" })).toMatchObject([
      hi,
      {},
      { content: [result("a", "(no output)")] },
    ]);
    expect(turns(hi, call("a"), { ...output("a"), output: { content: "no", success: false } })).toMatchObject([
      hi,
      {},
      { content: [{ content: "no", is_error: true }] },
    ]);
  });

  it("reads the items of Codex's own tools", () => {
    const input = [
      hi,
      { type: "custom_tool_call", call_id: "1", name: "apply_patch", input: "*** Begin Patch" },
      {
        type: "local_shell_call",
        call_id: "2",
        status: "completed",
        action: { type: "exec", command: ["ls"], timeout_ms: null, env: {} },
      },
      { type: "shell_call", call_id: "3", action: { commands: ["ls"] } },
      { type: "apply_patch_call", call_id: "4", status: "completed", operation: { type: "delete_file", path: "a" } },
      { type: "tool_search_call", call_id: "5", execution: "client", arguments: { query: "mail" } },
      { type: "function_call", call_id: "6", name: "log", namespace: "mcp__git", arguments: "not JSON" },
      { type: "custom_tool_call_output", call_id: "1", output: "Done!" },
      { type: "local_shell_call_output", id: "2", output: "a.txt" },
      {
        type: "shell_call_output",
        call_id: "3",
        output: [
          { stdout: "a", stderr: "b", outcome: { type: "exit", exit_code: 1 } },
          { stdout: "", stderr: "", outcome: { type: "timeout" } },
        ],
      },
      { type: "apply_patch_call_output", call_id: "4", status: "failed", output: "no such file" },
      {
        type: "tool_search_output",
        call_id: "5",
        execution: "client",
        status: "completed",
        tools: [{ type: "function", name: "send_mail" }],
      },
      { type: "function_call_output", call_id: "6", output: "x" },
    ];
    const { request, warnings } = read({ input });
    expect(request.messages).toEqual([
      hi,
      {
        role: "assistant",
        content: [
          { type: "tool_use", id: "1", name: "apply_patch", input: { input: "*** Begin Patch" } },
          { type: "tool_use", id: "2", name: "local_shell", input: { command: ["ls"], env: {} } },
          { type: "tool_use", id: "3", name: "shell", input: { commands: ["ls"] } },
          { type: "tool_use", id: "4", name: "apply_patch", input: { type: "delete_file", path: "a" } },
          { type: "tool_use", id: "5", name: "tool_search", input: { query: "mail" } },
          { type: "tool_use", id: "6", name: "mcp__git__log", input: { arguments: "not JSON" } },
        ],
      },
      {
        role: "user",
        content: [
          result("1", "Done!"),
          result("2", "a.txt"),
          result("3", "a\nb\nexit code 1\n\ntimed out"),
          { ...result("4", "no such file"), is_error: true },
          result("5", "Loaded tools: send_mail"),
          result("6", "x"),
        ],
      },
    ]);
    expect(request.tools).toMatchObject([{ name: "send_mail" }]);
    expect(warnings).toEqual([]);
  });

  it("reads files and marks of the prompt cache", () => {
    const content = [
      { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERg==" },
      { type: "input_file", filename: "a.txt", file_data: "data:text/plain;base64,SGk=" },
      { type: "input_file", file_url: "https://example.com/a.pdf" },
      { type: "input_text", text: "x", prompt_cache_breakpoint: { mode: "explicit" } },
    ];
    expect(turns({ role: "user", content })).toEqual([
      {
        role: "user",
        content: [
          {
            type: "document",
            source: { type: "base64", media_type: "application/pdf", data: "JVBERg==" },
            title: "a.pdf",
          },
          { type: "document", source: { type: "text", media_type: "text/plain", data: "Hi" }, title: "a.txt" },
          { type: "document", source: { type: "url", url: "https://example.com/a.pdf" } },
          { type: "text", text: "x", cache_control: { type: "ephemeral" } },
        ],
      },
    ]);
  });
});

describe("reasoning that comes back", () => {
  const answer = { role: "assistant", content: "So." };

  it("is the thinking block that it was, whatever the client made of the summary", () => {
    const block = { type: "thinking", thinking: "I think.\n\n世界", signature: "c2ln" } as const;
    const redacted = { type: "redacted_thinking", data: "b3BhcXVl" } as const;
    for (const summary of [[], [{ type: "summary_text", text: "other" }]]) {
      const items = [block, redacted].map((one) => ({
        type: "reasoning",
        summary,
        encrypted_content: sealThinking(one),
      }));
      expect(turns(hi, ...items, answer)).toEqual([
        hi,
        { role: "assistant", content: [block, redacted, { type: "text", text: "So." }] },
      ]);
    }
  });

  it("keeps what only OpenAI can read in the signature, and plain text as it is", () => {
    const own = {
      type: "reasoning",
      id: "rs_1",
      summary: [{ type: "summary_text", text: "Hm." }],
      encrypted_content: "gAAAA",
    };
    const plain = { type: "reasoning", id: "rs_2", summary: [], content: [{ type: "reasoning_text", text: "Ah." }] };
    const messages = read({ input: [hi, own, plain, answer] }).request.messages;
    const [first, second] = (messages[1]?.content ?? []) as unknown as readonly Members[];
    expect(first?.["thinking"]).toBe("Hm.");
    expect(readSignature(first?.["signature"])?.origin).toEqual({ kind: "rs", id: "rs_1", encryptedContent: "gAAAA" });
    expect(second?.["thinking"]).toBe("Ah.");
    expect(readSignature(second?.["signature"])?.origin).toEqual({ kind: "rc" });
  });

  it("goes where nothing follows it", () => {
    const sealed = {
      type: "reasoning",
      summary: [],
      encrypted_content: sealThinking({ type: "thinking", thinking: "x", signature: "s" }),
    };
    const { request, warnings } = read({ input: [hi, sealed, { role: "user", content: "u" }] });
    expect(request.messages).toEqual([hi, { role: "user", content: "u" }]);
    expect(warnings).toMatchObject([{ code: "thinking_dropped" }]);
  });
});

describe("what clients write in the way of another API", () => {
  const parameters = { type: "object", properties: { a: { type: "string" } } };

  it.each([
    ["Chat Completions", { type: "function", function: { name: "f", description: "d", parameters, strict: true } }],
    ["the Messages API", { name: "f", description: "d", input_schema: parameters, strict: true }],
    ["the Messages API", { type: "custom", name: "f", description: "d", input_schema: parameters, strict: true }],
  ])("reads a tool of %s", (_api, tool) => {
    const { request, warnings } = responsesToMessages({ model: "m", input: "hi", tools: [tool] });
    expect(request).toMatchObject({ tools: [{ name: "f", description: "d", input_schema: parameters, strict: true }] });
    expect(warnings).toEqual([]);
  });

  it.each([
    [
      { type: "function", function: { name: "f" } },
      { type: "tool", name: "f" },
    ],
    [
      { type: "tool", name: "f" },
      { type: "tool", name: "f" },
    ],
    [{ type: "any" }, { type: "any" }],
    [{ type: "none" }, { type: "none" }],
    [{ type: "auto" }, undefined],
  ])("reads the choice of tools %j", (choice, read) => {
    const tools = [{ type: "function", name: "f", parameters }];
    const { request } = responsesToMessages({ model: "m", input: "hi", tools, tool_choice: choice });
    expect((request as { readonly tool_choice?: unknown }).tool_choice).toEqual(read);
  });

  const base64 = { type: "base64", media_type: "image/png", data: "AAAA" };
  it.each([
    [
      { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
      { type: "image", source: base64 },
    ],
    [
      { type: "image", source: base64 },
      { type: "image", source: base64 },
    ],
    [
      { type: "file", file: { file_data: "data:application/pdf;base64,AAAA", filename: "a.pdf" } },
      {
        type: "document",
        source: { type: "base64", media_type: "application/pdf", data: "AAAA" },
        title: "a.pdf",
      },
    ],
    [
      { type: "document", source: { type: "url", url: "https://a/b" } },
      { type: "document", source: { type: "url", url: "https://a/b" } },
    ],
  ])("reads the part %j", (part, block) => {
    const { request, warnings } = responsesToMessages({ model: "m", input: [{ role: "user", content: [part] }] });
    expect(request.messages).toEqual([{ role: "user", content: [block] }]);
    expect(warnings).toEqual([]);
  });
});

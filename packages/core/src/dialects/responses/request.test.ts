import { describe, expect, it } from "vitest";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import type { ResponsesInputItem } from "../../protocol/responses.ts";
import { makeSignature, type ReasoningOrigin } from "../../conversation/ids/signature.ts";
import { encodeToolId } from "../../conversation/ids/tool-ids.ts";
import type { ProfileOverride } from "../../base/profile-types.ts";
import { type ResponsesRequestOptions, type ResponsesTranslation, messagesToResponses } from "./request.ts";

const user = (content: unknown): object => ({ role: "user", content });
const assistant = (...content: readonly unknown[]): object => ({ role: "assistant", content });
const system = (content: unknown, more: object = {}): object => ({ role: "system", content, ...more });
const text = (value: string, more: object = {}): object => ({ type: "text", text: value, ...more });
const call = (id: string, name = "f", input: unknown = {}): object => ({ type: "tool_use", id, name, input });
const result = (id: string, content: unknown, more: object = {}): object => ({
  type: "tool_result",
  tool_use_id: id,
  content,
  ...more,
});
const thinking = (signature: string, words = ""): object => ({ type: "thinking", thinking: words, signature });
const tool = (name = "f", more: object = {}): object => ({
  name,
  description: "d",
  input_schema: { type: "object", properties: { a: { type: "string" } } },
  ...more,
});
const png = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
const pdf = {
  type: "document",
  title: "r",
  source: { type: "base64", media_type: "application/pdf", data: "AAAA" },
};
const marked = { cache_control: { type: "ephemeral" } };
const labelling = { baseUrl: "https://api.openai.com/v1", model: "gpt-5.6", provider: "o" };
const openai = { ...labelling, profile: { messagePhases: false } };

function translate(request: object, options: Partial<ResponsesRequestOptions> = {}): ResponsesTranslation {
  return messagesToResponses(
    { model: "claude-x", max_tokens: 100, messages: [user("hi")], ...request } as MessagesRequest,
    {
      model: "m",
      ...options,
    },
  );
}

function inputOf(
  messages: readonly object[],
  options: Partial<ResponsesRequestOptions> & { readonly profile?: ProfileOverride } = {},
): readonly ResponsesInputItem[] {
  return translate({ messages }, options).body.input;
}

const says = (words: string): object => ({ type: "input_text", text: words });
const message = (role: string, ...content: readonly object[]): object => ({ type: "message", role, content });
const answered = (words: string, more: object = {}): object => ({
  type: "message",
  role: "assistant",
  content: words,
  ...more,
});
const codes = ({ warnings }: ResponsesTranslation): readonly string[] => warnings.map(({ code }) => code);
const encrypted = (id: string, phase?: string, provider = "o"): string => {
  const origin: ReasoningOrigin = {
    kind: "rs",
    id,
    encryptedContent: `secret of ${id}`,
    ...(phase !== undefined && { phase }),
  };
  return makeSignature({ provider, origin });
};
const reasoning = (id: string): object => ({
  type: "reasoning",
  id,
  summary: [],
  encrypted_content: `secret of ${id}`,
});

describe("the body", () => {
  it("is the least that can be said for the least request, and nothing is stored", () => {
    expect(translate({}).body).toEqual({
      model: "m",
      input: [message("user", says("hi"))],
      max_output_tokens: 100,
      store: false,
    });
  });

  it("asks for at least 16 tokens, and for no more than the profile allows", () => {
    expect(translate({ max_tokens: 1 }).body.max_output_tokens).toBe(16);
    expect(translate({ max_tokens: 5000 }, { profile: { maxOutputTokens: 4096 } }).body.max_output_tokens).toBe(4096);
    expect(translate({ max_tokens: undefined }).body.max_output_tokens).toBeUndefined();
  });

  it("is not needed where nothing is to be generated", () => {
    expect(translate({ max_tokens: 0 }).localAnswer).toMatchObject({ stop_reason: "max_tokens", content: [] });
  });

  it("tells the answer's side what it needs to know", () => {
    const { context } = translate({ stream: true, stop_sequences: ["a", "b"] }, { provider: "o" });
    expect(context).toMatchObject({
      dialect: "responses",
      provider: "o",
      requestedModel: "claude-x",
      stream: true,
      localStopSequences: ["a", "b"],
    });
    expect(context.serverTools).toBeUndefined();
  });

  it("leaves stop sequences to the translator, and says so", () => {
    const translated = translate({ stop_sequences: ["a"] });
    expect(translated.body).not.toHaveProperty("stop");
    expect(codes(translated)).toEqual(["stop_sequences_truncated"]);
  });

  it("passes sampling on, but not to a model that reasons", () => {
    const sampling = { temperature: 0.3, top_p: 0.9, top_k: 5 };
    const plain = translate(sampling, { model: "gpt-4o" });
    expect(plain.body).toMatchObject({ temperature: 0.3, top_p: 0.9 });
    expect(plain.body).not.toHaveProperty("top_k");
    expect(codes(plain)).toEqual(["top_k_dropped"]);
    const reasoner = translate(sampling, openai);
    expect(reasoner.body).not.toHaveProperty("temperature");
    expect(reasoner.body).not.toHaveProperty("top_p");
    const off = translate({ ...sampling, thinking: { type: "disabled" } }, openai);
    expect(off.body).toMatchObject({ temperature: 0.3, reasoning: { effort: "none" } });
    // It does not think unasked.
    const idle = { model: "gpt-5.2" };
    expect(translate(sampling, idle).body).toMatchObject({ temperature: 0.3, top_p: 0.9 });
    expect(translate({ ...sampling, output_config: { effort: "low" } }, idle).body).not.toHaveProperty("temperature");
  });

  it("holds no member of Anthropic's alone", () => {
    const foreign = {
      container: "c",
      context_management: { edits: [] },
      mcp_servers: [{}],
      safeguards: [],
      service_tier: "auto",
      speed: "fast",
      thread: {},
    };
    const translated = translate(foreign);
    expect(Object.keys(translated.body)).toEqual(["model", "input", "max_output_tokens", "store"]);
    expect(codes(translated)).toEqual(Object.keys(foreign).map(() => "member_dropped"));
  });

  it("names the user and the session where the profile says so, and merges its extras last", () => {
    const request = { metadata: { user_id: JSON.stringify({ device_id: "d", session_id: "s-1" }) } };
    const { body } = translate(request, {
      profile: { user: "safety-identifier", promptCacheKey: true, extraBody: { store: true, truncation: "auto" } },
    });
    expect(body.safety_identifier).toMatch(/^[0-9a-f]{64}$/);
    expect(body).toMatchObject({ prompt_cache_key: "s-1", store: true, truncation: "auto" });
    expect(body).not.toHaveProperty("metadata");
  });

  it("demands a format flat, with strict said either way", () => {
    const closed = { type: "object", properties: {}, required: [], additionalProperties: false };
    const formatOf = (schema: object): unknown =>
      translate({ output_config: { format: { type: "json_schema", schema } } }).body.text;
    expect(formatOf(closed)).toEqual({
      format: { type: "json_schema", name: "response", schema: closed, strict: true },
    });
    expect(formatOf({ type: "object" })).toMatchObject({ format: { strict: false } });
    const told = translate(
      { system: "S", output_config: { format: { type: "json_schema", schema: closed } } },
      { profile: { jsonSchema: false } },
    ).body;
    expect(told.text).toEqual({ format: { type: "json_object" } });
    expect(told.instructions).toMatch(/^S\n\nAnswer with one JSON object/);
  });

  it("is refused where there is nothing to say", () => {
    expect(() => translate({ messages: [user("")] })).toThrow(/nothing to send/);
    expect(() => translate({ messages: [] })).toThrow(/at least one message/);
    expect(() => translate({ messages: [{ role: "robot", content: "x" }] })).toThrow(/messages\.0\.role/);
  });
});

describe("the system prompt", () => {
  it("becomes instructions, without the billing header and what is empty", () => {
    const prompt = [text("x-anthropic-billing-header: cch=1"), text("A", marked), text(""), text("B")];
    expect(translate({ system: prompt }).body.instructions).toBe("A\n\nB");
    expect(translate({ system: "" }).body).not.toHaveProperty("instructions");
  });

  it("becomes a message where a cache breakpoint has to be kept", () => {
    const { body } = translate({ system: [text("A", marked), text("B")] }, openai);
    expect(body).not.toHaveProperty("instructions");
    expect(body.input[0]).toEqual(
      message("developer", { ...says("A"), prompt_cache_breakpoint: { mode: "explicit" } }, says("B")),
    );
  });

  it("stays in place in the middle of a conversation", () => {
    expect(inputOf([user("a"), system("env"), user("b")], openai)).toEqual([
      message("user", says("a")),
      message("developer", says("env")),
      message("user", says("b")),
    ]);
    expect(inputOf([user("a"), system("env")], { profile: { midSystem: "user" } })).toEqual([
      message("user", says("a\n\n<system-reminder>\nenv\n</system-reminder>")),
    ]);
  });
});

describe("what a user shows", () => {
  it("is input_text, input_image and input_file", () => {
    const url = { type: "image", source: { type: "url", url: "https://x/y.png" } };
    expect(inputOf([user([text("a"), png, url, pdf])], openai)).toEqual([
      message(
        "user",
        says("a"),
        { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" },
        { type: "input_image", image_url: "https://x/y.png", detail: "auto" },
        { type: "input_file", filename: "r.pdf", file_data: "data:application/pdf;base64,AAAA" },
      ),
    ]);
  });

  it("is fetched by the provider itself where a document is given by URL", () => {
    const remote = { type: "document", source: { type: "url", url: "https://x/y.pdf" } };
    expect(inputOf([user([remote])], openai)).toEqual([
      message("user", { type: "input_file", file_url: "https://x/y.pdf" }),
    ]);
    expect(JSON.stringify(inputOf([user([remote])]))).toContain("[document omitted: ");
    const local = { type: "document", source: { type: "url", url: "file:///etc/passwd" } };
    expect(JSON.stringify(inputOf([user([local])], openai))).toContain("[document omitted: ");
  });

  it("is told in words where it cannot be shown", () => {
    const uploaded = { type: "image", source: { type: "file", file_id: "file_1" } };
    const notes = { type: "document", title: "n", source: { type: "text", media_type: "text/plain", data: "BODY" } };
    expect(inputOf([user([uploaded, notes])], openai)).toEqual([
      message(
        "user",
        says("[image omitted: file_1 is not available to this provider]"),
        says('<document title="n">\nBODY\n</document>'),
      ),
    ]);
  });

  it("marks where a prompt cache may end, at most four times, and never in an assistant's text", () => {
    const turns = ["1", "2", "3", "4", "5"].flatMap((word) => [
      user([text(word, marked)]),
      assistant(text(`to ${word}`, marked)),
    ]);
    const items = inputOf(turns, openai);
    const places = items.flatMap((item, index) => (JSON.stringify(item).includes("breakpoint") ? [index] : []));
    expect(places).toEqual([2, 4, 6, 8]);
    expect(JSON.stringify(inputOf(turns, { profile: { cacheControl: "pass" } }))).not.toMatch(/cache/);
  });
});

describe("tools", () => {
  it("are flat, and strict only where their schema allows it", () => {
    const closed = {
      type: "object",
      properties: { a: { type: "string" } },
      required: ["a"],
      additionalProperties: false,
    };
    const { body } = translate(
      { tools: [tool("f", marked), tool("g", { strict: true, input_schema: closed })] },
      openai,
    );
    expect(body.tools).toEqual([
      {
        type: "function",
        name: "f",
        description: "d",
        parameters: { type: "object", properties: { a: { type: "string" } } },
        strict: false,
      },
      { type: "function", name: "g", description: "d", parameters: closed, strict: true },
    ]);
  });

  it("are chosen by the names of Responses", () => {
    const choiceOf = (choice: object): unknown => {
      const { tool_choice, parallel_tool_calls } = translate({ tools: [tool()], tool_choice: choice }).body;
      return [tool_choice, parallel_tool_calls];
    };
    expect(choiceOf({ type: "auto", disable_parallel_tool_use: true })).toEqual(["auto", false]);
    expect(choiceOf({ type: "any" })).toEqual(["required", undefined]);
    expect(choiceOf({ type: "none" })).toEqual(["none", undefined]);
    expect(choiceOf({ type: "tool", name: "f" })).toEqual([{ type: "function", name: "f" }, undefined]);
    expect(translate({ tool_choice: { type: "any" } }).body).not.toHaveProperty("tool_choice");
  });

  it("have their long names back in the answer", () => {
    const name = `mcp__${"x".repeat(80)}`;
    const { body, context } = translate({ tools: [tool(name)], tool_choice: { type: "tool", name } });
    const sent = body.tools?.[0]?.type === "function" ? body.tools[0].name : "";
    expect(sent).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(body.tool_choice).toEqual({ type: "function", name: sent });
    expect(context.toolNames.get(sent)).toBe(name);
  });

  it("of a server are dropped, but the search where the provider can run it", () => {
    const search = {
      type: "web_search_20250305",
      name: "web_search",
      max_uses: 8,
      allowed_domains: ["a.example"],
      user_location: { type: "approximate", city: "C", country: "US", unknown: 1 },
    };
    const fetch = { type: "web_fetch_20250910", name: "web_fetch" };
    const there = translate({ tools: [tool(), search, fetch] }, openai);
    expect(there.body.tools?.slice(1)).toEqual([
      {
        type: "web_search",
        filters: { allowed_domains: ["a.example"] },
        user_location: { type: "approximate", city: "C", country: "US" },
      },
    ]);
    expect(there.context.serverTools).toEqual(new Set(["web_search"]));
    expect(there.body.include).toContain("web_search_call.action.sources");
    expect(codes(there)).toEqual(["server_tool_dropped", "web_search_limit_dropped"]);
    const elsewhere = translate({ tools: [search] });
    expect(elsewhere.body).not.toHaveProperty("tools");
    expect(elsewhere.context.serverTools).toBeUndefined();
  });

  it("need not be named where the search is all there is", () => {
    const search = { type: "web_search_20250305", name: "web_search" };
    const choice = { type: "tool", name: "web_search" };
    expect(translate({ tools: [search], tool_choice: choice }, openai).body.tool_choice).toBe("required");
    expect(translate({ tools: [search, tool()], tool_choice: choice }, openai).body).not.toHaveProperty("tool_choice");
  });
});

describe("the history", () => {
  it("keeps text and calls in their order, each call with its output directly behind the turn", () => {
    expect(
      inputOf(
        [
          user("q"),
          assistant(text("A"), call("c1", "f", { a: 1 }), text("B"), call("c2")),
          system("env"),
          user([result("c2", "2"), result("c1", "1"), text("go on")]),
        ],
        { profile: { midSystem: "system" } },
      ),
    ).toEqual([
      message("user", says("q")),
      answered("A"),
      { type: "function_call", call_id: "c1", name: "f", arguments: '{"a":1}' },
      answered("B"),
      { type: "function_call", call_id: "c2", name: "f", arguments: "{}" },
      { type: "function_call_output", call_id: "c1", output: "1" },
      { type: "function_call_output", call_id: "c2", output: "2" },
      message("system", says("env")),
      message("user", says("go on")),
    ]);
  });

  it("shows images and files in the output of a call", () => {
    const outputs = inputOf(
      [
        user("q"),
        assistant(call("c1"), call("c2"), call("c3")),
        user([
          result("c1", [text("png"), png]),
          result("c2", [pdf], { is_error: true }),
          result("c3", [text("a"), text("b")], { is_error: true }),
        ]),
      ],
      openai,
    ).flatMap((item) => (item.type === "function_call_output" ? [item.output] : []));
    expect(outputs).toEqual([
      [says("png"), { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "auto" }],
      [says("Error"), { type: "input_file", filename: "r.pdf", file_data: "data:application/pdf;base64,AAAA" }],
      "Error: a\nb",
    ]);
  });

  it("keeps a cache breakpoint on an output", () => {
    const items = inputOf([user("q"), assistant(call("c1")), user([result("c1", "ok", marked)])], openai);
    expect(items.at(-1)).toEqual({
      type: "function_call_output",
      call_id: "c1",
      output: [{ ...says("ok"), prompt_cache_breakpoint: { mode: "explicit" } }],
    });
  });

  it("answers calls without a result, and tells results without a call", () => {
    const items = inputOf([user("q"), assistant(call("c1")), user("on"), user([result("gone", "old")])]);
    expect(items.slice(2)).toEqual([
      { type: "function_call_output", call_id: "c1", output: "[no result: the tool call was interrupted]" },
      message("user", says("on")),
      message("user", says("[result of an earlier tool call]\nold")),
    ]);
  });

  it("restores ids that were encoded for the client, and keeps each within 64 characters, the same for call and output", () => {
    const long = "x".repeat(90);
    const ids = ["functions.add:0", long].map((id) => encodeToolId(id));
    const items = inputOf([
      user("q"),
      assistant(...ids.map((id) => call(id))),
      user(ids.map((id) => result(id, "ok"))),
    ]);
    const found = items.flatMap((item) => ("call_id" in item ? [item.call_id] : []));
    expect(found[0]).toBe("functions.add:0");
    expect(found[1]).toMatch(/^x+_[0-9a-f]{8}$/);
    expect(found[1]).toHaveLength(64);
    expect(found.slice(2)).toEqual(found.slice(0, 2));
  });

  it("summarises what Anthropic's servers did, and names blocks that it does not know", () => {
    const server = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: { query: "x" } };
    const found = { type: "web_search_tool_result", tool_use_id: "srvtoolu_1", content: [{ title: "T", url: "U" }] };
    expect(inputOf([user("q"), assistant(server, found, text("A")), user([{ type: "hologram" }])])).toEqual([
      message("user", says("q")),
      answered('[web_search {"query":"x"}]\n[results: T U]\n\nA'),
      message("user", says("[hologram omitted]")),
    ]);
  });

  it("ends with the beginning of an answer where the profile lets it", () => {
    const messages = [user("q"), assistant(thinking(encrypted("rs_1")), text("The answer is ("))];
    expect(inputOf(messages, openai).at(-1)).toEqual(answered("The answer is ("));
    const dropped = translate({ messages }, { ...openai, profile: { prefill: "drop" } });
    expect(dropped.body.input).toEqual([message("user", says("q"))]);
    expect(codes(dropped)).toContain("prefill_dropped");
  });
});

describe("reasoning of earlier turns", () => {
  const turn = (...blocks: readonly unknown[]): readonly ResponsesInputItem[] =>
    inputOf([user("q"), assistant(...blocks), user("on")], openai).slice(1, -1);

  it("goes back to the provider that made it, before what it was made for", () => {
    const items = inputOf(
      [
        user("q"),
        assistant(
          thinking(encrypted("rs_1"), "summary"),
          text("A"),
          thinking(encrypted("rs_2")),
          call("c1"),
          call("c2"),
        ),
        user([result("c1", "1"), result("c2", "2")]),
      ],
      openai,
    );
    expect(items.slice(1, 6)).toEqual([
      reasoning("rs_1"),
      answered("A"),
      reasoning("rs_2"),
      { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
      { type: "function_call", call_id: "c2", name: "f", arguments: "{}" },
    ]);
  });

  it("keeps several items that led to one", () => {
    expect(turn(thinking(encrypted("rs_1")), thinking(encrypted("rs_2")), text("A"))).toEqual([
      reasoning("rs_1"),
      reasoning("rs_2"),
      answered("A"),
    ]);
  });

  it("stays behind at another provider, and for one that is not known", () => {
    const blocks = [thinking(encrypted("rs_1", undefined, "other")), thinking("a foreign signature"), text("A")];
    const translated = translate({ messages: [user("q"), assistant(...blocks), user("on")] }, openai);
    expect(translated.body.input.slice(1, -1)).toEqual([answered("A")]);
    expect(codes(translated)).toEqual(["thinking_dropped"]);
  });

  it("is dropped without the item that must follow it", () => {
    expect(turn(text("A"), thinking(encrypted("rs_1")))).toEqual([answered("A")]);
    const server = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
    expect(turn(thinking(encrypted("rs_1")), server, text("A"))).toEqual([answered("[web_search {}]\n\nA")]);
    expect(turn(thinking(encrypted("rs_1")))).toEqual([]);
    expect(turn(thinking(encrypted("rs_1")), text(" "))).toEqual([]);
  });

  it("brings the phase of the message that followed", () => {
    expect(turn(thinking(encrypted("rs_1", "commentary")), text("A"), call("c1"))[1]).toEqual(
      answered("A", { phase: "commentary" }),
    );
    expect(turn(thinking(encrypted("rs_1", "nonsense")), text("A"))[1]).toEqual(answered("A"));
  });

  it("needs not to be there for a model that wants every message labelled", () => {
    const labels = (...turns: readonly (readonly object[])[]): readonly unknown[] => {
      const messages = [
        user("q"),
        ...turns.flatMap((blocks) => [assistant(...blocks), user([result("c1", "ok"), text("on")])]),
      ];
      return inputOf(messages, labelling).flatMap((item) => ("phase" in item ? [item.phase] : []));
    };
    expect(labels([text("Let me look."), call("c1")])).toEqual(["commentary"]);
    expect(labels([text("It rains.")])).toEqual(["final_answer"]);
    expect(labels([text("So."), thinking(encrypted("rs_1")), text("It rains.")])).toEqual([
      "commentary",
      "final_answer",
    ]);
    expect(labels([thinking(encrypted("rs_1", "final_answer")), text("A"), call("c1")])).toEqual(["final_answer"]);
    expect(inputOf([user("q"), assistant(text("A")), user("on")], { ...labelling, model: "gpt-5.2" })[1]).toEqual(
      answered("A"),
    );
  });

  it("in clear goes to those who want it, as text", () => {
    const own = makeSignature({ provider: "d", origin: { kind: "rc" } });
    const messages = [user("q"), assistant(thinking(own, "because"), text("A")), user("on")];
    const deepseek = { baseUrl: "https://api.deepseek.com/v1", model: "deepseek-v4-flash", provider: "d" };
    expect(inputOf(messages, deepseek)[1]).toEqual({
      type: "reasoning",
      id: expect.stringMatching(/^rs_[0-9a-f]{32}$/),
      summary: [],
      content: [{ type: "reasoning_text", text: "because" }],
    });
    expect(inputOf(messages, { ...openai, provider: "d" })[1]).toEqual(answered("A"));
  });
});

describe("the wish for thinking", () => {
  const wish = (request: object, options: Partial<ResponsesRequestOptions> = openai): unknown =>
    translate({ tools: [tool()], ...request }, options).body.reasoning;

  it("is an effort, also together with tools, and a summary to show", () => {
    expect(wish({ thinking: { type: "adaptive" }, output_config: { effort: "medium" } })).toEqual({
      effort: "medium",
      summary: "auto",
    });
    expect(wish({ thinking: { type: "enabled", budget_tokens: 20_000 } })).toEqual({ effort: "high", summary: "auto" });
    expect(wish({ thinking: { type: "adaptive" } })).toEqual({ summary: "auto" });
    expect(wish({ output_config: { effort: "max" } })).toEqual({ effort: "max", summary: "auto" });
    expect(wish({ output_config: { effort: "max" } }, { ...openai, model: "gpt-5.5" })).toMatchObject({
      effort: "xhigh",
    });
    expect(wish({ thinking: { type: "between_tools" } })).toEqual({ effort: "none" });
  });

  it("of the last system turn counts", () => {
    const messages = [user("q"), system("env", { output_config: { effort: "low" } })];
    expect(wish({ messages, output_config: { effort: "high" } })).toMatchObject({ effort: "low" });
  });

  it("may be not to see it, or to have none", () => {
    const effort = { output_config: { effort: "high" } };
    expect(wish({ thinking: { type: "adaptive", display: "omitted" }, ...effort })).toEqual({ effort: "high" });
    expect(wish({ thinking: { type: "disabled" }, ...effort })).toEqual({ effort: "none" });
    expect(wish({})).toBeUndefined();
    expect(wish(effort, { ...openai, profile: { reasoningSummary: false } })).toEqual({ effort: "high" });
  });

  it("is not put to a model that does not reason, nor is its reasoning asked for", () => {
    const translated = translate({ output_config: { effort: "high" } }, { model: "gpt-4o" });
    expect(translated.body).not.toHaveProperty("reasoning");
    expect(translated.body).not.toHaveProperty("include");
    expect(codes(translated)).toEqual(["thinking_setting_dropped"]);
    expect(translate({}, openai).body.include).toEqual(["reasoning.encrypted_content"]);
    const groq = { baseUrl: "https://api.groq.com/openai/v1", model: "openai/gpt-oss-120b" };
    expect(translate({}, groq).body).not.toHaveProperty("include");
  });
});

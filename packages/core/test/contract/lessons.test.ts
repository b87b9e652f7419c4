import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Balancer } from "../../src/balancer/balancer.ts";
import type { ProviderConfig } from "../../src/base/config-types.ts";
import type { ProfileLearned } from "../../src/base/events.ts";
import { createFetch } from "../../src/skins/fetch.ts";
import { isObject } from "../../src/base/json.ts";
import { estimateTokens } from "../../src/tokens/estimate.ts";
import { scriptedTransport } from "../../src/testing/scripted-transport.ts";
import { VirtualClock } from "../../src/testing/virtual-clock.ts";
import type { ProfileOverride } from "../../src/base/profile-types.ts";
import { answerText, type Refusal, type Refuse, refusingProvider } from "./refusing-provider.ts";

type Json = Readonly<Record<string, unknown>>;
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter((one) => isObject(one)) : []);
const turns = (body: Json) => list(body["messages"] ?? body["input"]);
const parts = (body: Json) => turns(body).flatMap(({ content, output }) => [...list(content), ...list(output)]);
const tools = (body: Json) => list(body["tools"]).map((tool) => (isObject(tool["function"]) ? tool["function"] : tool));
const text = (value: unknown) => JSON.stringify(value);

const pixel = { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" };
const schema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  properties: {
    file_path: { type: "string", format: "uri", minLength: 1 },
    limit: { anyOf: [{ type: "integer" }, { type: "string" }, { type: "null" }], default: null },
  },
  required: ["file_path"],
  additionalProperties: false,
};

/** A turn of a session as Claude Code sends it. */
function session(more: Json = {}): Json {
  return {
    model: "claude-opus-5",
    max_tokens: 32_000,
    temperature: 0.5,
    top_p: 0.9,
    stop_sequences: ["</end>"],
    system: [{ type: "text", text: "You are Claude Code.", cache_control: { type: "ephemeral" } }],
    thinking: { type: "enabled", budget_tokens: 31_999 },
    output_config: { effort: "xhigh" },
    metadata: { user_id: "user_1234567890_account__session_0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f" },
    tools: [
      {
        name: "Read",
        description: "Reads a file.",
        strict: true,
        input_schema: {
          type: "object",
          properties: { a: { type: "string" } },
          required: ["a"],
          additionalProperties: false,
        },
      },
      { name: "Grep", description: "Searches.", input_schema: schema },
    ],
    tool_choice: { type: "tool", name: "Read", disable_parallel_tool_use: true },
    messages: [
      {
        role: "user",
        content: [
          { type: "text", text: "Look." },
          { type: "image", source: pixel },
          { type: "document", source: { ...pixel, media_type: "application/pdf" } },
        ],
      },
      {
        role: "assistant",
        content: [
          { type: "text", text: "I read." },
          { type: "tool_use", id: "toolu_1", name: "Read", input: { a: "b" } },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: "text of the file" }] },
      { role: "system", content: "Be brief." },
      { role: "user", content: "And now?" },
    ],
    ...more,
  };
}

/** A profile that hopes for what some vendors take, so that each refusal of it can be met. */
const hopeful: ProfileOverride = {
  midSystem: "system",
  toolSchema: "json-schema",
  strictTools: true,
  files: true,
  promptCacheKey: true,
  user: "hash",
  reasoning: "openai",
  efforts: ["minimal", "low", "medium", "high", "xhigh"],
};

interface Row {
  readonly name: string;
  readonly refuse: Refuse;
  readonly profile?: ProfileOverride;
  readonly request?: Json;
  readonly only?: "chat" | "responses";
  /** Only streams hold what is refused. */
  readonly isStream?: true;
}

const when = (isRefused: boolean, refusal: Refusal): Refusal | undefined => (isRefused ? refusal : undefined);
const member = (name: string, message = `Unknown parameter: '${name}'.`): Row => ({
  name: `a member: ${name}`,
  refuse: (body) => when(body[name] !== undefined, { message, param: name, code: "unknown_parameter" }),
});

const isMidSystem = (body: Json) => {
  const all = turns(body);
  return all
    .slice(all.findIndex(({ role }) => role === "user"))
    .some(({ role }) => role === "system" || role === "developer");
};
const isForced = (body: Json) => isObject(body["tool_choice"]) || body["tool_choice"] === "required";
const effort = (body: Json) =>
  body["reasoning_effort"] ?? (isObject(body["reasoning"]) ? body["reasoning"]["effort"] : undefined);

const rows: readonly Row[] = [
  {
    name: "a system turn inside",
    refuse: (body) => when(isMidSystem(body), { message: "System message must be at the beginning." }),
  },
  {
    name: "images",
    refuse: (body) =>
      when(/image_url|input_image/.test(text(body)), {
        message: "No endpoints found that support image input",
        status: 404,
      }),
  },
  {
    name: "files",
    refuse: (body) =>
      when(
        parts(body).some(({ type }) => type === "file" || type === "input_file"),
        { message: "Invalid value: file. Supported values are: 'text','image_url'" },
      ),
  },
  {
    name: "a keyword of a schema",
    refuse: (body) =>
      when(text(tools(body)).includes('"format"'), { message: 'Grammar error: Unimplemented keys: ["format"]' }),
  },
  {
    name: "a schema",
    refuse: (body) =>
      when(text(tools(body)).includes('"additionalProperties":false'), {
        message:
          "tools.function.parameters is not a valid moonshot flavored json schema, details: <At path 'root': unexpected>",
      }),
  },
  {
    name: "strict tools",
    refuse: (body) =>
      when(
        tools(body).some(({ strict }) => strict === true),
        { message: "Tools with mixed values for 'strict' are not allowed." },
      ),
  },
  {
    name: "a named tool",
    refuse: (body) =>
      when(isObject(body["tool_choice"]), {
        message: "Invalid tool_choice type: 'object'. Supported string values: none, auto, required",
      }),
  },
  {
    name: "a forced tool",
    refuse: (body) =>
      when(isForced(body), {
        message: "The tool_choice parameter does not support being set to required or object in thinking mode",
      }),
  },
  {
    ...member("parallel_tool_calls", "Unsupported parameter: 'parallel_tool_calls' is not supported with this model."),
  },
  { ...member("prompt_cache_key") },
  { ...member("user") },
  {
    ...member("temperature", "Unsupported parameter: 'temperature' is not supported with this model."),
    profile: { sampling: true },
  },
  { ...member("top_p", "top_p: Extra inputs are not permitted"), profile: { sampling: true } },
  { ...member("stream_options"), only: "chat", isStream: true },
  { ...member("store"), only: "responses" },
  { ...member("include"), only: "responses" },
  { ...member("stop", "Argument not supported on this model: stop"), only: "chat" },
  { ...member("reasoning_effort", "`reasoning_effort` is not supported with this model"), only: "chat" },
  {
    name: "the name of max_tokens",
    only: "chat",
    refuse: (body) =>
      when(body["max_tokens"] !== undefined, {
        message:
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      }),
  },
  {
    name: "the size of max_tokens",
    refuse: (body) =>
      when(Number(body["max_tokens"] ?? body["max_output_tokens"]) > 8_192, {
        message:
          "max_tokens is too large: 32000. This model supports at most 8192 completion tokens, whereas you provided 32000.",
      }),
  },
  {
    name: "an effort",
    refuse: (body) =>
      when(effort(body) === "xhigh", {
        message:
          "Unsupported value: 'xhigh' is not supported with this model. Supported values are: 'low', 'medium', and 'high'.",
        param: "reasoning_effort",
      }),
  },
  {
    name: "a temperature",
    profile: { sampling: true },
    refuse: (body) =>
      when(body["temperature"] !== undefined && body["temperature"] !== 1, {
        message: "invalid temperature: only 1 is allowed for this model",
      }),
  },
  {
    name: "the developer role",
    profile: { systemRole: "developer", midSystem: "user" },
    only: "chat",
    refuse: (body) =>
      when(
        turns(body).some(({ role }) => role === "developer"),
        {
          message: "developer is not one of ['system', 'assistant', 'user', 'tool', 'function'] - 'messages.['0].role'",
        },
      ),
  },
  {
    name: "a system prompt",
    profile: { midSystem: "user" },
    only: "chat",
    refuse: (body) =>
      when(
        turns(body).some(({ role }) => role === "system"),
        { message: "Developer instruction is not enabled for models/gemma-3-27b-it" },
      ),
  },
  {
    name: "thinking",
    refuse: (body) => when(effort(body) !== undefined, { message: '"m" does not support thinking' }),
  },
  {
    name: "no thinking",
    profile: { reasoning: "zai" },
    only: "chat",
    request: { thinking: { type: "disabled" }, output_config: {} },
    refuse: (body) =>
      when(isObject(body["thinking"]) && body["thinking"]["type"] === "disabled", {
        message: "invalid thinking: only type=enabled is allowed for this model",
      }),
  },
  {
    name: "turns of one role",
    only: "chat",
    refuse: (body) =>
      when(
        turns(body).some(({ role }, index, all) => role === "user" && all[index - 1]?.["role"] === "user") ||
          isMidSystem(body),
        { message: "Conversation roles must alternate user/assistant/user/assistant/..." },
      ),
  },
  {
    name: "contents in parts",
    only: "chat",
    refuse: (body) =>
      when(
        turns(body).some(({ role, content }) => role === "user" && Array.isArray(content)),
        { message: "json: cannot unmarshal array into Go struct field Message.messages.content of type string" },
      ),
  },
  {
    name: "a schema for the answer",
    request: {
      output_config: {
        format: { type: "json_schema", schema: { type: "object", properties: { a: { type: "string" } } } },
      },
    },
    refuse: (body) =>
      when(text(body["response_format"] ?? body["text"] ?? {}).includes("json_schema"), {
        message: "This response_format type is unavailable now",
      }),
  },
];

const forms = rows.flatMap((row) =>
  (["chat", "responses"] as const)
    .filter((dialect) => row.only === undefined || row.only === dialect)
    .flatMap((dialect) =>
      (row.isStream ? [true] : [true, false]).map((stream) => ({ row, dialect, stream, name: row.name })),
    ),
);

function scene(refuse: Refuse, more: Partial<ProviderConfig>) {
  const clock = new VirtualClock();
  const { transport, requests } = scriptedTransport(clock, refusingProvider(refuse));
  const provider: ProviderConfig = {
    name: "alias",
    type: "openai",
    baseUrl: "https://relay.test/v1",
    auth: { type: "api_key", keys: ["key-000000000000"] },
    bigModel: "hcp-latest",
    smallModel: "hcp-latest",
    ...more,
  };
  const balancer = new Balancer(
    { providers: [provider], settings: { lastResort: true } },
    { clock, random: () => 0.5 },
  );
  const learned: ProfileLearned[] = [];
  balancer.on("profile-learned", (event) => learned.push(event));
  const fetch = createFetch(balancer, transport);
  const ask = async (request: Json) => {
    const before = requests.length;
    const pending = fetch("https://api.test/v1/messages", { method: "POST", body: JSON.stringify(request) });
    const response = await pending;
    return { status: response.status, body: await response.text(), asked: requests.length - before };
  };
  return { ask, learned, balancer, requests, clock, provider };
}

describe("a provider that refuses one thing", () => {
  it.each(forms)(
    "teaches it in one retry, and the next request needs none: $name, $dialect, stream $stream",
    async ({ row, dialect, stream }) => {
      const { ask, learned } = scene(row.refuse, { dialect, profile: { ...hopeful, ...row.profile } });
      const request = session({ ...row.request, stream });
      const first = await ask(request);
      expect(first).toMatchObject({ status: 200, asked: 2 });
      expect(first.body).toContain(answerText);
      expect(learned.map(({ provider, model }) => `${provider} ${model}`)).toEqual(["alias hcp-latest"]);
      expect(learned[0]?.line).toMatch(/^profile: \{ .+ \}$/);
      expect(await ask(request)).toMatchObject({ status: 200, asked: 1 });
      expect(learned).toHaveLength(1);
    },
  );

  it.each(forms)(
    "teaches it by an error in a 200 too: $name, $dialect, stream $stream",
    async ({ row, dialect, stream }) => {
      const refuse: Refuse = (body, form) => {
        const refusal = row.refuse(body, form);
        return refusal && { ...refusal, status: 200 };
      };
      const { ask } = scene(refuse, { dialect, profile: { ...hopeful, ...row.profile } });
      const request = session({ ...row.request, stream });
      expect(await ask(request)).toMatchObject({ status: 200, asked: 2 });
      expect(await ask(request)).toMatchObject({ status: 200, asked: 1 });
    },
  );

  it.each([404, 415, 422, 500])("teaches it with status %i", async (status) => {
    const refuse: Refuse = (body) =>
      when(isMidSystem(body), { message: "System message must be at the beginning.", status });
    const { ask } = scene(refuse, { profile: hopeful });
    expect(await ask(session())).toMatchObject({ status: 200, asked: 2 });
  });
});

describe("a provider that only streams", () => {
  it.each([
    ["chat", "This model only support stream mode, please enable the stream parameter to access the model."],
    ["chat", "Non-streaming requests are not supported"],
    ["responses", "Stream must be set to true"],
  ] as const)(
    "is asked for streams, which are gathered for clients that want none: %s, %s",
    async (dialect, message) => {
      const refuse: Refuse = (body) => when(body["stream"] !== true, { message });
      const { ask, learned } = scene(refuse, { dialect, profile: hopeful });
      const first = await ask(session({ stream: false }));
      expect(first).toMatchObject({ status: 200, asked: 2 });
      expect(JSON.parse(first.body)).toMatchObject({ type: "message", content: [{ type: "text", text: answerText }] });
      expect(await ask(session({ stream: false }))).toMatchObject({ status: 200, asked: 1 });
      expect(await ask(session({ stream: true }))).toMatchObject({ status: 200, asked: 1 });
      expect(learned[0]?.line).toContain("extra_body: ");
    },
  );
});

/** What a relay of the Messages API refuses, in the words of relays and clouds; each is something that Claude Code sends. */
const nativeRows: readonly Pick<Row, "name" | "refuse" | "request">[] = [
  {
    name: "a system turn inside",
    refuse: (body) => when(isMidSystem(body), { message: "messages.3.role: Input should be 'user' or 'assistant'" }),
  },
  {
    name: "images",
    refuse: (body) =>
      when(/"type":"image"/.test(text(body)), { message: "messages.0.content.1: image blocks are not supported" }),
  },
  {
    name: "files",
    refuse: (body) => when(/"type":"document"/.test(text(body)), { message: "This model doesn't support documents." }),
  },
  {
    name: "a member at the top",
    request: { context_management: { edits: [] } },
    refuse: (body) =>
      when(body["context_management"] !== undefined, {
        message: "context_management: Extra inputs are not permitted",
      }),
  },
  {
    name: "a member of an object",
    refuse: (body) =>
      when(isObject(body["output_config"]) && body["output_config"]["effort"] !== undefined, {
        message: "output_config.effort: Extra inputs are not permitted",
      }),
  },
  {
    name: "a member of every tool",
    refuse: (body) =>
      when(
        tools(body).some(({ strict }) => strict !== undefined),
        { message: "tools.0.custom.strict: Extra inputs are not permitted" },
      ),
  },
  {
    name: "a keyword of a schema",
    refuse: (body) =>
      when(text(tools(body)).includes('"format"'), { message: 'Grammar error: Unimplemented keys: ["format"]' }),
  },
  {
    name: "a forced call while it thinks",
    refuse: (body) =>
      when(isForced(body) && (body["thinking"] as Json)["type"] !== "disabled", {
        message: "Thinking mode does not support this tool_choice",
      }),
  },
  {
    name: "references to tools",
    request: {
      messages: [
        { role: "user", content: "Look." },
        { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "Read", input: {} }] },
        {
          role: "user",
          content: [
            {
              type: "tool_result",
              tool_use_id: "toolu_1",
              content: [{ type: "tool_reference", tool_name: "Grep" }],
            },
          ],
        },
      ],
    },
    refuse: (body) =>
      when(text(body).includes("tool_reference"), {
        message:
          "failed to convert tool result content: unsupported content type in ContentBlockParamUnion: tool_reference",
      }),
  },
  {
    name: "ids that stand twice",
    request: {
      messages: [
        { role: "user", content: "Look." },
        ...["a", "b"].flatMap((name) => [
          { role: "assistant", content: [{ type: "tool_use", id: "call_0", name: "Read", input: { a: name } }] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "call_0", content: name }] },
        ]),
      ],
    },
    refuse: (body) => {
      const ids = parts(body).flatMap(({ type, id }) => (type === "tool_use" ? [id] : []));
      return when(new Set(ids).size < ids.length, { message: "messages.3.content.0: `tool_use` ids must be unique" });
    },
  },
];

describe("a relay of the Messages API that refuses one thing", () => {
  it.each(nativeRows.flatMap((row) => [true, false].map((stream) => ({ ...row, stream }))))(
    "teaches it in one retry, and the next request needs none: $name, stream $stream",
    async ({ refuse, request: more, stream }) => {
      const { ask, learned, requests } = scene(refuse, { type: "anthropic", baseUrl: "https://relay.test" });
      const request = session({ ...more, stream });
      expect(await ask(request)).toMatchObject({ status: 200, asked: 2 });
      expect(await ask(request)).toMatchObject({ status: 200, asked: 1 });
      expect(learned).toHaveLength(1);
      // Nothing else of the request is lost.
      const { model: _asked, ...sent } = JSON.parse(requests[0]?.body ?? "") as Json;
      const { model: _mapped, ...last } = JSON.parse(requests.at(-1)?.body ?? "") as Json;
      const differs = Object.keys(sent).filter((name) => text(sent[name]) !== text(last[name]));
      expect(differs).toHaveLength(1);
    },
  );

  const isAsked = (body: Json) => isObject(body["tool_choice"]) && body["tool_choice"]["type"] !== "auto";
  const isOff = (body: Json) => isObject(body["thinking"]) && body["thinking"]["type"] === "disabled";

  it.each([true, false])("is asked in words for a call that it never takes a force for, stream %s", async (stream) => {
    const refuse: Refuse = (body) =>
      when(isAsked(body), { message: "tool_choice forces tool use is not compatible with this model" });
    const { ask, learned, requests } = scene(refuse, { type: "anthropic", baseUrl: "https://relay.test" });
    expect(await ask(session({ stream }))).toMatchObject({ status: 200, asked: 2 });
    expect(await ask(session({ stream }))).toMatchObject({ status: 200, asked: 1 });
    expect(learned.map(({ line }) => line)).toEqual(["profile: { forced_calls: never }"]);
    const sent = JSON.parse(requests.at(-1)?.body ?? "") as Json;
    expect(sent["tool_choice"]).toEqual({ type: "auto", disable_parallel_tool_use: true });
    expect(text(turns(sent).at(-1))).toContain('Answer by calling the tool \\"Read\\".');
    expect(sent["thinking"]).toEqual(session()["thinking"]);
    await ask(session({ stream, tool_choice: { type: "auto" } }));
    expect(requests.at(-1)?.body).not.toContain("Answer by calling");
  });

  it.each([{}, { thinking: undefined }])("is asked in words too where it always thinks: %j", async (more) => {
    const refuse: Refuse = (body) =>
      when(isAsked(body) && !isOff(body), {
        message: "tool_choice 'specified' is incompatible with thinking enabled",
      }) ?? when(isOff(body), { message: "invalid thinking: only type=enabled is allowed for this model" });
    const { ask, learned } = scene(refuse, { type: "anthropic", baseUrl: "https://relay.test" });
    expect(await ask(session(more))).toMatchObject({ status: 200, asked: 3 });
    expect(await ask(session(more))).toMatchObject({ status: 200, asked: 1 });
    expect(learned.at(-1)?.line).toBe("profile: { forced_calls: never }");
  });

  it("teaches which beta it does not know", async () => {
    const { learned, balancer } = scene(() => undefined, { type: "anthropic", baseUrl: "https://relay.test" });
    const clock = new VirtualClock();
    const betas: (string | undefined)[] = [];
    const { transport } = scriptedTransport(clock, (asked) => {
      const sent = asked.headers["anthropic-beta"];
      betas.push(sent);
      const isRefused = (sent ?? "").includes("context-management");
      return refusingProvider(() =>
        when(isRefused, {
          message: "Unexpected value(s) `context-management-2025-06-27` for the `anthropic-beta` header",
        }),
      )(asked);
    });
    const fetch = createFetch(balancer, transport);
    const headers = { "anthropic-beta": "context-management-2025-06-27,interleaved-thinking-2025-05-14" };
    const ask = () => fetch("https://api.test/v1/messages", { method: "POST", headers, body: text(session()) });
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(200);
    expect(betas).toEqual([
      headers["anthropic-beta"],
      "interleaved-thinking-2025-05-14",
      "interleaved-thinking-2025-05-14",
    ]);
    expect(learned).toHaveLength(1);
  });

  it("is not asked again where the refusal is Anthropic's own", async () => {
    const refuse: Refuse = (body) =>
      when(body["output_config"] !== undefined, { message: "output_config: Extra inputs are not permitted" });
    const { ask, learned } = scene(refuse, { type: "anthropic", baseUrl: "https://api.anthropic.com" });
    expect(await ask(session())).toMatchObject({ status: 400, asked: 1 });
    expect(learned).toEqual([]);
  });
});

describe("a model whose window the prompt and the answer share", () => {
  const words = (count: number) => ({ messages: [{ role: "user", content: "Look at the file. ".repeat(count) }] });
  const windowTokens = 40_960;

  /** An upstream that counts `share` of what is estimated, and says in vLLM's words that the answer does not fit in. */
  const vllm =
    (share: number, prompt: () => Json): Refuse =>
    (body) => {
      const limit = Number(body["max_tokens"] ?? body["max_output_tokens"]);
      const used = Math.round(estimateTokens(prompt() as never, { model: "hcp-latest" }) * share);
      return when(used + limit > windowTokens, {
        message: `'max_tokens' or 'max_completion_tokens' is too large: ${limit}. This model's maximum context length is ${windowTokens} tokens and your request has ${used} input tokens (${limit} > ${windowTokens} - ${used}).`,
      });
    };

  it.each([
    ["Chat", { dialect: "chat" as const }],
    ["Responses", { dialect: "responses" as const }],
  ])("is asked for what the prompt leaves, without another refusal: %s", async (_name, more) => {
    for (const share of [0.8, 1, 1.08]) {
      let prompt: Json = {};
      const { ask, learned } = scene(
        vllm(share, () => prompt),
        { ...more, profile: hopeful },
      );
      const askFor = (count: number) => ask((prompt = session({ max_tokens: 128_000, ...words(count) })));
      expect(await askFor(10)).toMatchObject({ status: 200, asked: 2 });
      expect(learned.map(({ line }) => line)).toEqual([`profile: { context_window: ${windowTokens} }`]);
      for (const count of [10, 500, 2_000, 4_000]) expect(await askFor(count)).toMatchObject({ status: 200, asked: 1 });
      expect(learned).toHaveLength(1);
    }
  });

  it("says itself that a prompt is too long", async () => {
    let prompt: Json = {};
    const { ask } = scene(
      vllm(1, () => prompt),
      { dialect: "chat", profile: hopeful },
    );
    await ask((prompt = session({ max_tokens: 128_000, ...words(10) })));
    const answer = await ask((prompt = session({ max_tokens: 128_000, ...words(12_000) })));
    expect(answer).toMatchObject({ status: 400, asked: 1 });
  });

  it.each([
    ["the model's own limit", 8_192, "profile: { max_output_tokens: 8192 }"],
    ["what the prompt leaves", 40_000, `profile: { context_window: ${windowTokens} }`],
  ])("teaches a relay of the Messages API's limit to clients that name none: %s", async (_name, most, line) => {
    const refuse: Refuse = (body) => {
      const limit = Number(body["max_tokens"]);
      const own = when(most === 8_192 && limit > most, {
        message: `max_tokens: ${limit} > ${most}, which is the maximum allowed number of output tokens`,
      });
      return own ?? vllm(1, () => session(words(2_000)))(body, "messages");
    };
    const { balancer, learned } = scene(refuse, { type: "anthropic", baseUrl: "https://relay.test" });
    const { transport, requests } = scriptedTransport(new VirtualClock(), refusingProvider(refuse));
    const fetch = createFetch(balancer, transport);
    const body = text({ model: "gpt-x", reasoning_effort: "max", ...words(2_000) });
    for (const asked of [2, 3, 4]) {
      const answer = await fetch("https://api.test/v1/chat/completions", { method: "POST", body });
      expect(answer.status).toBe(200);
      expect(requests).toHaveLength(asked);
    }
    expect(learned.map((lesson) => lesson.line)).toEqual([line]);
    const { max_tokens: limit, thinking } = JSON.parse(requests.at(-1)?.body ?? "") as Json;
    if (isObject(thinking) && thinking["budget_tokens"] !== undefined) {
      expect(Number(thinking["budget_tokens"])).toBeLessThan(Number(limit));
    }
  });
});

const all = rows.filter(
  ({ only, profile, request }) => only !== "responses" && profile === undefined && request === undefined,
);

describe("a provider that refuses several things", () => {
  it("teaches up to three of them in one call, and never asks more than four times", async () => {
    const some = fc.uniqueArray(fc.nat(all.length - 1), { minLength: 2, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(some, fc.boolean(), async (indexes, stream) => {
        const chosen = indexes.map((index) => all[index]?.refuse);
        const refuse: Refuse = (body, dialect) => {
          for (const one of chosen) {
            const refusal = one?.(body, dialect);
            if (refusal) return refusal;
          }
          return undefined;
        };
        const { ask } = scene(refuse, { dialect: "chat", profile: hopeful });
        const first = await ask(session({ stream }));
        expect(first.asked).toBeLessThanOrEqual(4);
        if (indexes.length <= 3) expect(first.status).toBe(200);
        let last = first;
        for (let calls = 0; calls < 3 && last.status !== 200; calls += 1) last = await ask(session({ stream }));
        if (indexes.length <= 3) expect(await ask(session({ stream }))).toMatchObject({ status: 200, asked: 1 });
      }),
      { numRuns: 60 },
    );
  });
});

describe("a lesson that does not help", () => {
  it("is dropped, and the client gets the first refusal", async () => {
    let count = 0;
    const refuse: Refuse = () => {
      count += 1;
      return { message: count === 1 ? "System message must be at the beginning." : "something else is wrong" };
    };
    const { ask, learned } = scene(refuse, { profile: hopeful });
    const answer = await ask(session());
    expect(answer).toMatchObject({ status: 400, asked: 2 });
    expect(answer.body).toContain("System message must be at the beginning.");
    expect(learned).toEqual([]);
    count = 0;
    expect((await ask(session())).asked).toBe(2);
  });

  it("is not kept with one that does", async () => {
    const refuse: Refuse = (body) =>
      when(isForced(body), { message: "Thinking mode does not support this tool_choice" });
    const { ask, learned } = scene(refuse, { profile: hopeful });
    expect(await ask(session())).toMatchObject({ status: 200, asked: 3 });
    expect(learned.map(({ line }) => line)).toEqual(["profile: { tool_choice: auto }"]);
  });

  it("does not take the place of a failover", async () => {
    const { ask } = scene(() => ({ message: "images are not supported", status: 400 }), { profile: hopeful });
    const answer = await ask(session());
    expect(answer).toMatchObject({ status: 400, asked: 2 });
    expect(answer.body).toContain("images are not supported");
  });
});

describe("a text that only looks like a refusal", () => {
  it.each([
    "The prompt was flagged: System message must be at the beginning.",
    "Your content \"Unknown parameter: 'user'.\" violates our policy",
  ])("teaches nothing where the client said it: %s", async (message) => {
    const { ask, learned } = scene(() => ({ message }), { profile: hopeful });
    const said = session();
    const request = { ...said, messages: [...list(said["messages"]), { role: "user", content: message.slice(8) }] };
    expect(await ask(request)).toMatchObject({ status: 400, asked: 1 });
    expect(learned).toEqual([]);
  });

  it("teaches nothing where the request holds nothing of the kind", async () => {
    const { ask } = scene(() => ({ message: "This model does not support image input" }), {});
    expect(await ask({ model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }] })).toMatchObject({
      asked: 1,
      status: 400,
    });
  });
});

describe("what was learned", () => {
  const refuse: Refuse = (body) => when(isMidSystem(body), { message: "System message must be at the beginning." });

  it("is forgotten after a day", async () => {
    const { ask, clock } = scene(refuse, { profile: hopeful });
    await ask(session());
    await clock.advance(24 * 3_600_000 - 1);
    expect(await ask(session())).toMatchObject({ asked: 1 });
    await clock.advance(1);
    expect(await ask(session())).toMatchObject({ status: 200, asked: 2 });
  });

  it("outlives a reload of an unchanged provider, and no other", async () => {
    const { ask, balancer, provider } = scene(refuse, { profile: hopeful });
    await ask(session());
    balancer.reload({ providers: [{ ...provider, weight: 2 }] });
    expect(await ask(session())).toMatchObject({ asked: 1 });
    balancer.reload({ providers: [{ ...provider, baseUrl: "https://other.test/v1" }] });
    expect(await ask(session())).toMatchObject({ asked: 2 });
  });

  it("is forgotten with a reset", async () => {
    const { ask, balancer } = scene(refuse, { profile: hopeful });
    await ask(session());
    balancer.reset("alias");
    expect(await ask(session())).toMatchObject({ asked: 2 });
  });

  it("holds for one model", async () => {
    const { ask } = scene(refuse, { profile: hopeful, bigModel: "passthrough", smallModel: "passthrough" });
    await ask(session());
    expect(await ask(session({ model: "claude-haiku-9" }))).toMatchObject({ asked: 2 });
    expect(await ask(session())).toMatchObject({ asked: 1 });
  });
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes } from "../bytes/concat-bytes.ts";
import type { ProfileOverride } from "../base/profile-types.ts";
import { resolveProfile } from "../vendors/profile.ts";
import { fitPassed, passedRules } from "./fit-passed.ts";

const hosts = {
  azure: "x.openai.azure.com",
  openai: "api.openai.com",
  deepseek: "api.deepseek.com",
  local: "127.0.0.1:8000",
  mistral: "api.mistral.ai",
  moonshot: "api.moonshot.ai",
  zai: "api.z.ai",
  alibaba: "dashscope.aliyuncs.com",
  groq: "api.groq.com",
  openrouter: "openrouter.ai",
} as const;

interface Mapping {
  readonly asked: string;
  readonly model: string;
  readonly host?: keyof typeof hosts;
  readonly override?: ProfileOverride;
}

/** The body as it is sent; undefined where the client's bytes are kept. */
function sent(
  { asked, model, host = "openai", override }: Mapping,
  text: string,
  dialect: "chat" | "responses" = "chat",
) {
  const to = { host: hosts[host], model, ...(override && { override }) };
  const rules = passedRules(asked, to, resolveProfile(to));
  const fitted = rules && fitPassed(new TextEncoder().encode(text), dialect, rules);
  return fitted && { text: new TextDecoder().decode(concatBytes(fitted.body)), warnings: fitted.warnings };
}

const newer: Mapping = { asked: "gpt-4o", model: "gpt-6.1" };
const older: Mapping = { asked: "gpt-5.6", model: "gpt-4o" };
const other: Mapping = { asked: "gpt-5.6", model: "deepseek-chat", host: "deepseek" };

describe("a body of Chat Completions", () => {
  test.each<[what: string, mapping: Mapping, given: string, expected: string]>([
    [
      "the limit's other name",
      newer,
      '{"model":"gpt-4o", "max_tokens" : 5,"messages":[]}',
      '{"model":"gpt-6.1", "max_completion_tokens" : 5,"messages":[]}',
    ],
    [
      "the limit's older name",
      other,
      '{"model":"gpt-5.6","max_completion_tokens":5}',
      '{"model":"deepseek-chat","max_tokens":5}',
    ],
    [
      "both names",
      newer,
      '{"max_tokens":5,"model":"gpt-4o","max_completion_tokens":6}',
      '{"model":"gpt-6.1","max_completion_tokens":6}',
    ],
    [
      "sampling",
      newer,
      '{"model":"gpt-4o","temperature":0.2,"top_p":0.9,"presence_penalty":1,"logprobs":false,"n":1}',
      '{"model":"gpt-6.1","n":1}',
    ],
    [
      "probabilities that are asked for, so that the client hears the refusal",
      newer,
      '{"model":"gpt-4o","logprobs":true,"top_logprobs":2}',
      "bytes",
    ],
    ["a limit that is null", newer, '{"model":"gpt-4o","max_tokens":null}', "bytes"],
    ...["prod-gpt-5.4", "reasoning", "gpt54"].map((model): [string, Mapping, string, string] => [
      `the newer limit and an effort for a deployment that may be OpenAI's: ${model}`,
      { asked: "gpt-5.6", model, host: "azure" },
      '{"model":"gpt-5.6","max_completion_tokens":5,"reasoning_effort":"high"}',
      "bytes",
    ]),
    [
      "the newer limit for a relay's own name",
      { asked: "gpt-5.6", model: "smart", host: "local" },
      '{"model":"gpt-5.6","max_completion_tokens":5}',
      "bytes",
    ],
    [
      "the newer limit for another maker's model at an unknown host",
      { asked: "gpt-5.6", model: "qwen3-coder", host: "local" },
      '{"model":"gpt-5.6","max_completion_tokens":5}',
      '{"model":"qwen3-coder","max_tokens":5}',
    ],
    [
      "the newer limit where the configuration names the older one",
      { asked: "gpt-5.6", model: "smart", host: "local", override: { maxTokensField: "max_tokens" } },
      '{"model":"gpt-5.6","max_completion_tokens":5}',
      '{"model":"smart","max_tokens":5}',
    ],
    [
      "sampling for a model that always thinks, beside an effort of none",
      { asked: "gpt-5.4", model: "gpt-5" },
      '{"model":"gpt-5.4","temperature":0.2,"reasoning_effort":"none"}',
      '{"model":"gpt-5","reasoning_effort":"minimal"}',
    ],
    [
      "members that the configuration leaves out",
      { asked: "gpt-5.6", model: "smart", host: "local", override: { omit: ["reasoning_effort", "model", "user"] } },
      '{"model":"gpt-5.6","reasoning_effort":"low","user":"u"}',
      '{"model":"smart"}',
    ],
    ["sampling that is null", newer, '{"model":"gpt-4o","temperature":null}', "bytes"],
    [
      "sampling beside an effort",
      { asked: "gpt-4o", model: "gpt-5.4" },
      '{"model":"gpt-4o","temperature":0.2,"reasoning_effort":"low"}',
      '{"model":"gpt-5.4","reasoning_effort":"low"}',
    ],
    [
      "sampling beside an effort of none",
      { asked: "gpt-4o", model: "gpt-5.4" },
      '{"model":"gpt-4o","temperature":0.2,"reasoning_effort":"none"}',
      "bytes",
    ],
    ...["gpt-5.1", "gpt-5.2", "gpt-5.2-2025-12-11", "gpt-5.4", "gpt-5.4-mini"].flatMap((model) =>
      ['"user":"u"', '"reasoning_effort":null', '"reasoning_effort":"none"'].map(
        (rest): [string, Mapping, string, string] => [
          `sampling for ${model}, which does not think unasked, beside ${rest}`,
          { asked: "gpt-4o", model },
          `{"model":"gpt-4o","temperature":0.2,"top_p":0.5,${rest}}`,
          "bytes",
        ],
      ),
    ),
    ...["gpt-5", "gpt-5.2-pro", "gpt-5.2-codex", "gpt-5.5", "gpt-5.6-sol", "gpt-5.10", "gpt-6-astra", "o3"].map(
      (model): [string, Mapping, string, string] => [
        `sampling for ${model}, which thinks unasked`,
        { asked: "gpt-5.2", model },
        '{"model":"gpt-5.2","temperature":0.2,"top_p":0.5,"user":"u"}',
        `{"model":"${model}","user":"u"}`,
      ],
    ),
    [
      "an effort that the model does not know",
      { asked: "gpt-5.4", model: "gpt-6.1" },
      '{"model":"gpt-5.4","reasoning_effort":"none"}',
      '{"model":"gpt-6.1","reasoning_effort":"low"}',
    ],
    [
      "an effort for a model that does not think",
      older,
      '{"model":"gpt-5.6","reasoning_effort":"high","n":1}',
      '{"model":"gpt-4o","n":1}',
    ],
    ...["gpt-4o", "gpt-5.1-codex", "gpt-5-chat-latest", "o3"].map((model): [string, Mapping, string, string] => [
      `a verbosity for ${model}, which has but one`,
      { asked: "gpt-5.6", model },
      '{"model":"gpt-5.6","verbosity":"low","n":1}',
      `{"model":"${model}","n":1}`,
    ]),
    ...["gpt-5.2", "gpt-5.3-codex", "gpt-5.2-chat-latest", "gpt-6.1", "my-model"].map(
      (model): [string, Mapping, string, string] => [
        `a verbosity for ${model}, which takes it, or may`,
        { asked: "gpt-5.6", model },
        '{"model":"gpt-5.6","verbosity":"low"}',
        "bytes",
      ],
    ),
    ["the only verbosity", older, '{"model":"gpt-5.6","verbosity":"medium"}', "bytes"],
    [
      "an effort for another maker's model, which may take it",
      { asked: "gpt-5.6", model: "my-model", host: "local" },
      '{"model":"gpt-5.6","reasoning_effort":"high"}',
      "bytes",
    ],
    [
      "developer turns",
      other,
      '{"messages":[{"role":"developer","content":"a"},{"role":"user","content":"developer"}],"model":"gpt-5.6"}',
      '{"messages":[{"role":"system","content":"a"},{"role":"user","content":"developer"}],"model":"deepseek-chat"}',
    ],
    ...(
      [
        ["deepseek-chat", "deepseek"],
        ["mistral-large-latest", "mistral"],
        ["kimi-k2.5", "moonshot"],
        ["glm-5", "zai"],
        ["qwen3-max", "alibaba"],
        ["openai/gpt-oss-120b", "groq"],
        ["qwen3-coder", "local"],
      ] as const
    ).flatMap(([model, host]) =>
      [model, "gpt-4o"].map((asked): [string, Mapping, string, string] => [
        `developer turns of a client that asks for ${asked}, at ${host}`,
        { asked, model, host },
        `{"model":"${asked}","messages":[{"role":"developer","content":"a"},{"role":"user","content":"b"}]}`,
        `{"model":"${model}","messages":[{"role":"system","content":"a"},{"role":"user","content":"b"}]}`,
      ]),
    ),
    ...(
      [
        ["gpt-6.1", "openai"],
        ["gpt-4o", "openai"],
        ["gpt-5.4", "azure"],
        ["prod", "azure"],
        ["openai/gpt-5.4", "openrouter"],
        ["my-model", "local"],
      ] as const
    ).map(([model, host]): [string, Mapping, string, string] => [
      `developer turns for ${model} at ${host}, which takes them, or may`,
      { asked: model, model, host },
      `{"model":"${model}","messages":[{"role":"developer","content":"a"}]}`,
      "bytes",
    ]),
    [
      "developer turns where the configuration says that they are taken",
      { asked: "deepseek-chat", model: "deepseek-chat", host: "deepseek", override: { systemRole: "developer" } },
      '{"model":"deepseek-chat","messages":[{"role":"developer","content":"a"}]}',
      "bytes",
    ],
    [
      "developer turns where the configuration says that they are not",
      { asked: "m", model: "m", host: "local", override: { systemRole: "system" } },
      '{"model":"m","messages":[{"content":"a","role" : "developer"}]}',
      '{"model":"m","messages":[{"content":"a","role" : "system"}]}',
    ],
    ["no member that differs", newer, '{"model":"gpt-4o","messages":[]}', "bytes"],
    ["models that take the same", { asked: "gpt-4o", model: "gpt-4.1" }, '{"model":"gpt-4o","max_tokens":5}', "bytes"],
    ["the client's own model", { asked: "gpt-6.1", model: "gpt-6.1" }, '{"model":"gpt-6.1","max_tokens":5}', "bytes"],
  ])("with %s", (_what, mapping, given, expected) => {
    expect(sent(mapping, given)?.text ?? "bytes").toBe(expected);
  });

  test("says what was changed", () => {
    expect(sent(newer, '{"model":"gpt-4o","max_tokens":5,"temperature":0.2}')?.warnings).toEqual([
      "max_tokens sent as max_completion_tokens for gpt-6.1",
      "temperature dropped for gpt-6.1",
    ]);
  });
});

test.each<[given: string, expected: string]>([
  [
    '{"model":"gpt-5.4","temperature":0.2,"reasoning":{"effort":"none","summary":"auto"},"input":"x"}',
    '{"model":"gpt-6.1","reasoning":{"effort":"low","summary":"auto"},"input":"x"}',
  ],
  ['{"model":"gpt-5.4","max_output_tokens":5,"input":[]}', "bytes"],
])("a body of Responses: %s", (given, expected) => {
  expect(sent({ asked: "gpt-5.4", model: "gpt-6.1" }, given, "responses")?.text ?? "bytes").toBe(expected);
});

test.each<[model: string, reasoning: string, expected: string]>([
  ["gpt-5.2", "", "bytes"],
  ["gpt-5.2", ',"reasoning":{"summary":"auto"}', "bytes"],
  ["gpt-5.2", ',"reasoning":{"effort":null}', "bytes"],
  ["gpt-5.2", ',"reasoning":{"effort":"low"}', '{"model":"gpt-5.2","input":"x","reasoning":{"effort":"low"}}'],
  ["gpt-5.5", "", '{"model":"gpt-5.5","input":"x"}'],
])("sampling in a body of Responses for %s%s", (model, reasoning, expected) => {
  const given = `{"model":"gpt-4o","temperature":0.2,"input":"x"${reasoning}}`;
  expect(sent({ asked: "gpt-4o", model }, given, "responses")?.text ?? "bytes").toBe(expected);
});

test("a body of Responses with developer items, as Codex sends them", () => {
  const mapping: Mapping = { asked: "deepseek-v4-pro", model: "deepseek-v4-pro", host: "deepseek" };
  const item = '{"type":"message","role":"developer","content":[{"type":"input_text","text":"a"}]}';
  const given = `{"model":"deepseek-v4-pro","input":[${item},{"type":"reasoning","summary":[]}]}`;
  expect(sent(mapping, given, "responses")?.text).toBe(given.replace("developer", "system"));
  expect(sent(mapping, '{"model":"deepseek-v4-pro","input":"developer"}', "responses")).toBeUndefined();
});

test("a body of Responses for a model that does not think says nothing of reasoning", () => {
  const given = '{"model":"gpt-5.6","reasoning":{"summary":"auto"},"input":"x"}';
  expect(sent(older, given, "responses")?.text).toBe('{"model":"gpt-4o","input":"x"}');
});

test.each<[what: string, given: string, expected: string]>([
  [
    "what Codex sends",
    '"include":["reasoning.encrypted_content"],"reasoning":{"effort":"high"},"store":false,"text":{"verbosity":"low"},"input":[]',
    '"store":false,"text":{},"input":[]',
  ],
  [
    "more that is included",
    '"include":[ "a", "reasoning.encrypted_content" ,"b"],"text":{"format":{"type":"text"}, "verbosity":"high"}',
    '"include":[ "a" ,"b"],"text":{"format":{"type":"text"}}',
  ],
  ["nothing of it", '"include":["a"],"text":{"verbosity":"medium"},"input":"x"', "bytes"],
  [
    "reasoning of another model in the history",
    '"input":[{"type":"reasoning","encrypted_content":"e"},{"role":"user","content":"a"},{"type":"reasoning"},{"role":"developer","content":"reasoning"}]',
    '"input":[{"role":"user","content":"a"},{"role":"system","content":"reasoning"}]',
  ],
  [
    "calls that were stored with their reasoning",
    '"input":[{"type":"reasoning","id":"rs_1"},{"id":"fc_1","type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","id":"o","call_id":"c1","output":""},{"type":"reasoning"},{"type":"custom_tool_call", "id":"ctc_1" ,"call_id":"c2","name":"g","input":""},{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[]}]',
    '"input":[{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","id":"o","call_id":"c1","output":""},{"type":"custom_tool_call" ,"call_id":"c2","name":"g","input":""},{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[]}]',
  ],
  [
    "calls without reasoning",
    '"input":[{"id":"fc_1","type":"function_call","call_id":"c1","name":"f","arguments":"{}"},"x"]',
    "bytes",
  ],
])("a body of Responses for a model that does not think, with %s", (_what, given, expected) => {
  const wholeGiven = `{"model":"gpt-5.6",${given}}`;
  const text = sent(older, wholeGiven, "responses")?.text ?? "bytes";
  expect(text).toBe(expected === "bytes" ? expected : `{"model":"gpt-4o",${expected}}`);
});

test("an effort that is raised is not said to be lowered", () => {
  const given = '{"model":"gpt-5.4","reasoning_effort":"none"}';
  expect(sent({ asked: "gpt-5.4", model: "gpt-6.1" }, given)?.warnings).toEqual([
    "reasoning_effort none sent as low for gpt-6.1",
  ]);
});

const names = ["max_tokens", "max_completion_tokens", "temperature", "top_p", "reasoning_effort", "omitted", "user"];
const value = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.constantFrom("low", "none", "xhigh"));
const role = fc.constantFrom("developer", "system", "user", "assistant");
const message = fc.record({ content: fc.string(), role, name: value }, { requiredKeys: ["content"] });
const member = fc.oneof(
  fc.tuple(fc.constantFrom(...names), value),
  fc.tuple(fc.constant("messages"), fc.array(message)),
);

test("changes only what it names, in any order, doubled or not, with any blanks", () => {
  const pairs = fc.constantFrom(newer, older, other, { asked: "gpt-4o", model: "gpt-5.4" });
  fc.assert(
    fc.property(fc.array(member, { maxLength: 12 }), fc.nat(12), pairs, fc.boolean(), (members, at, mapping, wide) => {
      const all: (readonly [string, unknown])[] = members.toSpliced(at, 0, ["model", mapping.asked]);
      const blank = wide ? " \n" : "";
      const given = `{${blank}${all.map(([name, one]) => `"${name}"${blank}:${blank}${JSON.stringify(one)}`).join(`${blank},`)}${blank}}`;
      const text = sent(mapping, given)?.text;
      if (text === undefined) return;
      const before = JSON.parse(given) as Record<string, unknown>;
      const after = JSON.parse(text) as Record<string, unknown>;
      expect(after["model"]).toBe(mapping.model);
      expect(after["user"]).toEqual(before["user"]);
      const contents = (one: unknown): unknown =>
        (one as { content: string }[] | undefined)?.map((each) => each.content);
      expect(contents(after["messages"])).toEqual(contents(before["messages"]));
      // Once fitted, there is nothing left to fit.
      expect(sent(mapping, text.replace(`"${mapping.model}"`, `"${mapping.asked}"`))).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

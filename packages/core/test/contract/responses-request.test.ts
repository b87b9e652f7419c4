import { readFileSync } from "node:fs";
import { CcpbError } from "@ccpb/core";
import type { ChatRequest, MessagesRequest, ResponsesRequest } from "@ccpb/core/protocol";
import { type ProfileOverride, toChatRequest, messagesToResponses } from "@ccpb/core/translate";
import { describe, expect, it } from "vitest";
import { deepFreeze } from "./arbitrary-request.ts";
import { recordedMessages, recordedResponses } from "./recorded-requests.ts";
import type { RequestCase } from "./request-matching.ts";
import { responsesBodyProblems } from "./responses-body-check.ts";
import { hasShared } from "./recordings.ts";

/** The members of requests that real APIs answered with 200: names and types alone, none of the recorded text. */
const accepted = JSON.parse(
  readFileSync(new URL("../recordings/accepted-members.json", import.meta.url), "utf8"),
) as Readonly<Record<"openai-chat" | "openai-responses", readonly string[]>>;

const cases = JSON.parse(
  readFileSync(new URL("cases/request-chat.json", import.meta.url), "utf8"),
) as readonly RequestCase[];

function inputs(row: RequestCase): readonly [MessagesRequest, { model: string; profile: ProfileOverride }] {
  const { model = "m", ...profile } = row.profile;
  return [deepFreeze(row.in as unknown as MessagesRequest), { model, profile: profile as ProfileOverride }];
}

/** What is said by whom, joined: both dialects say the same, whatever they call its parts. */
type Words = Readonly<Record<"system" | "user" | "assistant" | "tool", string>>;

function wordsOf(said: readonly (readonly [string, unknown])[]): Words {
  const of = (...roles: readonly string[]): string =>
    said.flatMap(([role, content]) => (roles.includes(role) ? textsOf(content) : [])).join("\n\n");
  return { system: of("system", "developer"), user: of("user"), assistant: of("assistant"), tool: of("tool") };
}

function textsOf(content: unknown): readonly string[] {
  if (typeof content === "string") return content === "" ? [] : [content];
  if (!Array.isArray(content)) return [];
  return content.flatMap((part: { readonly text?: string }) => (part.text === undefined ? [] : [part.text]));
}

function chatWords(body: ChatRequest): Words {
  return wordsOf(body.messages.map(({ role, content }) => [role, content]));
}

function responsesWords(body: ResponsesRequest): Words {
  return wordsOf([
    ["system", body.instructions],
    ...body.input.map((item): readonly [string, unknown] => {
      if (item.type === "message") return [item.role, item.content];
      return item.type === "function_call_output" ? ["tool", item.output] : ["", undefined];
    }),
  ]);
}

// Where Chat Completions has to say it otherwise: images of tool results, roles that alternate, an end of its own.
const otherwise = new Set(["R-56", "R-58"]);

describe("the request cases in Responses", () => {
  for (const row of cases.filter(({ out }) => out !== null)) {
    it(`${row.id}: ${row.title}`, () => {
      const [request, target] = inputs(row);
      const translated = messagesToResponses(request, target);
      const extras = Object.keys(target.profile.extraBody ?? {});
      const problems = responsesBodyProblems(translated.body);
      expect(problems.filter((problem) => !extras.some((name) => problem.includes(name)))).toEqual([]);
      expect(JSON.stringify(messagesToResponses(request, target).body)).toBe(JSON.stringify(translated.body));
      const chat = toChatRequest(request, target);
      if (!otherwise.has(row.id)) expect(responsesWords(translated.body)).toEqual(chatWords(chat.body));
      expect(translated.body.tools?.length).toBe(chat.body.tools?.length);
      expect(translated.body.max_output_tokens).toBe(chat.body.max_tokens ?? chat.body.max_completion_tokens);
      expect(translated.context.toolNames).toEqual(chat.context.toolNames);
    });
  }

  it("R-69: a request whose messages all vanish is refused with the place", () => {
    const [request, target] = inputs(cases.find(({ id }) => id === "R-69") as RequestCase);
    expect(() => messagesToResponses(request, target)).toThrow(CcpbError);
  });
});

const targets = [
  { baseUrl: "https://api.openai.com/v1", model: "gpt-5.6" },
  { baseUrl: "https://openrouter.ai/api/v1", model: "openai/gpt-5.6-sol" },
  { baseUrl: "https://api.deepseek.com/v1", model: "deepseek-v4-flash" },
  { baseUrl: "http://127.0.0.1:1234/v1", model: "qwen3" },
] as const;

/** The path of every member, array positions as `*`, items and parts with their type, with the type of the value. */
function shapeOf(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((member) => shapeOf(member, `${path}.*`));
  if (typeof value !== "object" || value === null) return [`${path}: ${value === null ? "null" : typeof value}`];
  const kind = "type" in value && typeof value.type === "string" && path !== "" ? `${path}<${value.type}>` : path;
  return Object.entries(value).flatMap(([key, member]) =>
    // What stands in a schema is the client's affair.
    key === "parameters" || key === "schema" ? [`${kind}.${key}: schema`] : shapeOf(member, `${kind}.${key}`),
  );
}

describe("recordings and Responses", () => {
  for (const target of targets) {
    it(`recorded Messages requests become sound bodies for ${target.model}, the same bytes twice`, () => {
      for (const { id, body: request } of recordedMessages()) {
        const before = JSON.stringify(request);
        const once = messagesToResponses(request, target);
        expect({ id, problems: responsesBodyProblems(once.body) }).toEqual({ id, problems: [] });
        expect(JSON.stringify(messagesToResponses(request, target).body)).toBe(JSON.stringify(once.body));
        expect(JSON.stringify(request)).toBe(before);
      }
    });
  }

  it("those of Claude Code lose the billing header, and hold nothing of Anthropic's alone", () => {
    const requests = recordedMessages().filter(({ id }) => /^claude-code-2\.1\.330\/|\/claude-code--/.test(id));
    expect(requests.length).toBeGreaterThanOrEqual(hasShared ? 36 : 2);
    for (const { body: request } of requests) {
      const { body } = messagesToResponses(request, { model: "gpt-5.6", baseUrl: "https://api.openai.com/v1" });
      expect(JSON.stringify(body)).not.toMatch(
        /x-anthropic-billing-header|DeferredToolPlaceholder|"(?:defer_loading|cache_control|input_schema|tool_use_id)":/,
      );
      if (request.stream === true) expect(body.stream).toBe(true);
    }
  });

  it("what real APIs accepted has every member that a translated conversation has", () => {
    const request = {
      model: "claude-x",
      max_tokens: 100,
      stream: true,
      system: "S",
      thinking: { type: "adaptive" },
      output_config: { effort: "high" },
      messages: [
        { role: "user", content: [{ type: "text", text: "a", cache_control: { type: "ephemeral" } }] },
        { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "f", input: { a: 1 } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "ok" }] },
      ],
      tools: [{ name: "f", description: "d", input_schema: { type: "object", properties: {} } }],
      tool_choice: { type: "auto" },
    };
    const { body } = messagesToResponses(request as unknown as MessagesRequest, {
      model: "gpt-5.6",
      baseUrl: "https://api.openai.com/v1",
    });
    // Recorded messages leave their type out; it is the default of the API.
    const shape = shapeOf(body).map((member) => member.replace("<message>", ""));
    const asked = [...new Set(shape)].filter((member) => !member.startsWith(".input.*.type: "));
    expect(asked.filter((member) => !accepted["openai-responses"].includes(member))).toEqual([]);
  });

  it("the list of what real APIs accepted names nothing else", () => {
    // Recorded with 200; the reasoning item and the outputs with files were read in requests that were refused for another member.
    const recorded = new Set(
      recordedResponses()
        .filter(({ status, id }) => status === 200 || id.includes("multimodal_tool_return"))
        .flatMap(({ body }) => shapeOf(body)),
    );
    const list = accepted["openai-responses"];
    expect(list.length).toBeGreaterThan(20);
    // Our own recordings show a part of the members, the shared ones all of them.
    const found = list.filter((member) => recorded.has(member));
    expect(found.length).toBeGreaterThanOrEqual(hasShared ? list.length : 10);
  });
});

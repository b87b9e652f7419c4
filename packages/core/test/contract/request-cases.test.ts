import { readFileSync } from "node:fs";
import { CcpbError } from "@ccpb/core";
import type { MessagesRequest } from "@ccpb/core/protocol";
import { encodeToolId, type ProfileOverride, toChatRequest } from "@ccpb/core/translate";
import { describe, expect, it } from "vitest";
import { mismatches, type RequestCase } from "./request-matching.ts";

const cases = JSON.parse(
  readFileSync(new URL("cases/request-chat.json", import.meta.url), "utf8"),
) as readonly RequestCase[];

/** The table writes the encoded form of Kimi's id in words. */
function requestOf(row: RequestCase): MessagesRequest {
  const text = JSON.stringify(row.in);
  const id = encodeToolId("functions.add:0");
  return JSON.parse(text.replaceAll("<sanitised functions.add:0>", id).replaceAll("<same>", id)) as MessagesRequest;
}

function translate(row: RequestCase): ReturnType<typeof toChatRequest> {
  const { model = "<mapped>", ...profile } = row.profile;
  return toChatRequest(deepFreeze(requestOf(row)), { model, profile: profile as ProfileOverride });
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null)
    for (const member of Object.values(Object.freeze(value))) deepFreeze(member);
  return value;
}

// Rows whose expectation the table writes as prose; each has a test of its own below.
const prose = new Set(["R-46", "R-62", "R-64"]);

describe("the request cases", () => {
  it("are all there", () => {
    expect(cases).toHaveLength(92);
  });

  for (const row of cases.filter(({ id, out }) => out !== null && !prose.has(id))) {
    it(`${row.id}: ${row.title}`, () => {
      const { body, warnings, localAnswer } = translate(row);
      expect(mismatches(body, row.out, "body")).toEqual([]);
      // R-39 offers nothing but a web search that the provider cannot make.
      expect(localAnswer === undefined).toBe(row.id !== "R-39");
      if (row.warnings) expect(warnings.map(({ message }) => message)).toEqual(row.warnings);
    });

    it(`${row.id}: the same bytes twice, and the frozen request unchanged`, () => {
      const before = JSON.stringify(row.in);
      expect(JSON.stringify(translate(row).body)).toBe(JSON.stringify(translate(row).body));
      expect(JSON.stringify(row.in)).toBe(before);
    });
  }

  const byId = (id: string): RequestCase => cases.find((row) => row.id === id) as RequestCase;

  it("R-04: max_tokens 0 is answered without a provider", () => {
    const { localAnswer } = translate(byId("R-04"));
    expect(localAnswer).toMatchObject({
      type: "message",
      role: "assistant",
      model: "claude-x",
      content: [],
      stop_reason: "max_tokens",
      usage: { input_tokens: 0, output_tokens: 0 },
    });
  });

  it("R-46: two names that are cut to the same text stay two", () => {
    const names = translate(byId("R-46")).body.tools?.map((tool) => tool.function.name) ?? [];
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });

  it("R-62: an id that comes twice is made two, with its results", () => {
    const { messages } = translate(byId("R-62")).body;
    const calls = messages.flatMap((message) => (message.role === "assistant" ? (message.tool_calls ?? []) : []));
    const results = messages.flatMap((message) => (message.role === "tool" ? [message] : []));
    expect(calls.map(({ id }) => id)).toEqual(["c1", "c1_2"]);
    expect(results).toEqual([
      { role: "tool", tool_call_id: "c1", content: "1" },
      { role: "tool", tool_call_id: "c1_2", content: "2" },
    ]);
  });

  it("R-64: Mistral gets ids of nine letters and digits, in call and result alike", () => {
    const { messages } = translate(byId("R-64")).body;
    const call = messages[1]?.role === "assistant" ? messages[1].tool_calls?.[0]?.id : undefined;
    expect(call).toMatch(/^[A-Za-z0-9]{9}$/);
    expect(messages[2]).toMatchObject({ role: "tool", tool_call_id: call });
  });

  it("R-69: a request whose messages all vanish is refused with the place", () => {
    expect(() => translate(byId("R-69"))).toThrow(CcpbError);
    expect(() => translate(byId("R-69"))).toThrow(/^messages\.0\.content: /);
  });
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CcpbError } from "../../src/base/errors.ts";
import { responsesToMessages } from "../../src/dialects/responses/client-request.ts";
import { messagesToResponses } from "../../src/dialects/responses/request.ts";
import { neutralProfile } from "../../src/vendors/profile.ts";
import { recordedResponses } from "./recorded-requests.ts";

type Members = Readonly<Record<string, unknown>>;

/** What the Messages API refuses in a conversation. */
function problemsOf(request: Members): readonly string[] {
  const problems: string[] = [];
  let open: readonly unknown[] = [];
  const used = new Set<unknown>();
  for (const [at, message] of (request["messages"] as readonly Members[]).entries()) {
    const { role, content } = message;
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : (content as readonly Members[]);
    if (blocks.length === 0) problems.push(`messages.${at} is empty`);
    if (at === 0 && role !== "user" && role !== "assistant") problems.push("the first message is a system message");
    for (const block of blocks) {
      if (block["type"] === "text" && String(block["text"]).trim() === "") problems.push(`messages.${at}: blank text`);
      if (block["type"] === "tool_use" && (used.has(block["id"]) || !/^[a-zA-Z0-9_-]+$/.test(String(block["id"])))) {
        problems.push(`messages.${at}: id ${String(block["id"])}`);
      }
      if (block["type"] === "tool_use") used.add(block["id"]);
    }
    const results = blocks.flatMap((block) => (block["type"] === "tool_result" ? [block["tool_use_id"]] : []));
    if (JSON.stringify(results) !== JSON.stringify(open))
      problems.push(`messages.${at}: results ${results.join()} of ${open.join()}`);
    open = role === "assistant" ? blocks.flatMap((block) => (block["type"] === "tool_use" ? [block["id"]] : [])) : [];
    if (role === "assistant" && blocks.every(({ type }) => String(type).endsWith("thinking")))
      problems.push(`messages.${at}: thinking alone`);
  }
  if (open.length > 0) problems.push("calls without results");
  return problems;
}

/** Reads a request, or says why it is refused. */
function tryRead(body: Members): { readonly request: Members } | { readonly refused: string } {
  try {
    return { request: responsesToMessages(body).request as unknown as Members };
  } catch (error) {
    if (!(error instanceof CcpbError) || error.code !== "invalid_request" || error.status !== 400) throw error;
    return { refused: error.message };
  }
}

// These need what only the provider of the recording holds or runs.
const refusals =
  /^(?:tools\[\d+\]\.type|input\[\d+\](?:\.type|\.id|\.call_id)|previous_response_id|include\[\d+\]|background|conversation|input\[\d+\].*(?:file_id|file_data))\b/;

describe(`recorded Responses requests`, () => {
  it.each(recordedResponses().map((one) => [one.id, one] as const))(
    "%s becomes a legal conversation",
    (_id, { body }) => {
      const read = tryRead(body);
      if ("refused" in read) expect(read.refused).toMatch(refusals);
      else expect(problemsOf(read.request)).toEqual([]);
    },
  );

  it("are read, but for a few that ask for what only their provider has", () => {
    const all = recordedResponses();
    expect(all.filter(({ body }) => "refused" in tryRead(body)).length).toBeLessThan(all.length / 4);
  });
});

const word = fc.constantFrom("a", "b", "c");
const text = fc.oneof(fc.string(), fc.constantFrom("", " ", "hello"));
const part = fc.oneof(
  fc.record({ type: fc.constantFrom("input_text", "output_text", "text"), text }),
  fc.record({
    type: fc.constant("input_image"),
    image_url: fc.constantFrom("data:image/png;base64,AA==", "https://e.com/a.png"),
  }),
  fc.record({ type: fc.constant("refusal"), refusal: text }),
  fc.record({ type: fc.constant("future_part") }),
);
const content = fc.oneof(text, fc.array(part, { maxLength: 3 }));
const item = fc.oneof(
  fc.record({ role: fc.constantFrom("user", "assistant", "system", "developer"), content }),
  fc.record({
    type: fc.constant("function_call"),
    call_id: word,
    name: word,
    arguments: fc.constantFrom("{}", '{"x":1}', "", "no"),
  }),
  fc.record({ type: fc.constant("custom_tool_call"), call_id: word, name: word, input: text }),
  fc.record({
    type: fc.constant("reasoning"),
    summary: fc.array(fc.record({ type: fc.constant("summary_text"), text }), { maxLength: 2 }),
  }),
  fc.record({ type: fc.constant("web_search_call") }),
  fc.record({ type: fc.constant("future_item") }),
);
const answer = fc.record({
  type: fc.constantFrom("function_call_output", "custom_tool_call_output"),
  call_id: word,
  output: content,
});

describe("arbitrary Responses requests", () => {
  it("become legal conversations, or are refused with a path", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ arbitrary: item, weight: 3 }, answer), { maxLength: 12 }), (input) => {
        const read = tryRead({ model: "m", input });
        if ("refused" in read) expect(read.refused).toMatch(/^input\b/);
        else expect(problemsOf(read.request)).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("are read without a change to them, and the same each time", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), (input) => {
        const body = { model: "m", input, tools: [{ type: "custom", name: "a" }] };
        const before = JSON.stringify(body);
        const first = JSON.stringify(tryRead(body));
        expect(JSON.stringify(body)).toBe(before);
        expect(JSON.stringify(tryRead(JSON.parse(before) as Members))).toBe(first);
      }),
    );
  });

  it("never throw anything but a refusal, whatever JSON they are", () => {
    const members = fc.constantFrom(
      "model",
      "input",
      "tools",
      "tool_choice",
      "reasoning",
      "text",
      "include",
      "metadata",
      "type",
      "role",
      "content",
      "call_id",
      "name",
      "output",
      "summary",
      "format",
      "user_location",
      "filters",
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: "small" },
        fc.constantFrom<unknown>(
          null,
          true,
          0,
          -1,
          1e300,
          "",
          "user",
          "message",
          "function",
          "function_call",
          "reasoning",
          "json_schema",
        ),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(members, tie("tree"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(members, tree, { maxKeys: 6 }), (body) => {
        tryRead({ model: "m", ...body });
      }),
      { numRuns: 3_000 },
    );
  });

  it("can be sent to a Responses provider", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 8 }), (input) => {
        const read = tryRead({ model: "m", input });
        if ("refused" in read) return;
        const { body } = messagesToResponses(read.request as never, { model: "m", profile: neutralProfile });
        expect(body.input.length).toBeGreaterThan(0);
      }),
    );
  });
});

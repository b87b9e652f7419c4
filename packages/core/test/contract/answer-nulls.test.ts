import { describe, expect, it } from "vitest";
import { CcpbError } from "../../src/base/errors.ts";
import { fromChatCompletion } from "../../src/dialects/chat/response.ts";
import { fromResponse } from "../../src/dialects/responses/response.ts";
import { messageToEvents } from "../../src/conversation/answer/message-events.ts";
import { recordings, responseBytes, responseText } from "./recordings.ts";
import { contextOf, runResponsesStream, runStream } from "./stream-run.ts";

// Zod schemas of AI SDK, Mastra and others declare members as optional that the API leaves out: null in their place fails a whole answer.

/** The places of nulls in a value, the numbers of lists left out. */
function nullsOf(value: unknown, path: string, found: Set<string> = new Set()): Set<string> {
  if (value === null) found.add(path);
  else if (Array.isArray(value)) for (const one of value) nullsOf(one, `${path}[]`, found);
  else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) nullsOf(member, `${path}.${key}`, found);
  }
  return found;
}

/** What the API itself was recorded to send as null. */
const allowed: ReadonlySet<string> = recordedNulls();

function recordedNulls(): Set<string> {
  const found = new Set<string>();
  for (const recording of recordings(({ dialect, status }) => dialect === "anthropic-messages" && status === 200)) {
    const text = responseText(recording);
    if (!recording.stream) nullsOf(JSON.parse(text), "message", found);
    else for (const line of text.split("\n")) if (line.startsWith("data:")) addEvent(line.slice(5), found);
  }
  return found;
}

function addEvent(data: string, found: Set<string>): void {
  const event = JSON.parse(data) as { readonly type: string };
  nullsOf(event, event.type, found);
}

const answers = recordings(({ dialect, status }) => dialect.startsWith("openai-") && status === 200);

describe(`translated answers`, () => {
  it("are held against what the API leaves out", () => {
    expect(allowed).toContain("message.stop_sequence");
    expect(allowed).not.toContain("message.content[].citations");
  });

  it.each(answers.map((recording) => [recording.id, recording] as const))("%s: no other null", (_id, recording) => {
    const isResponses = recording.dialect === "openai-responses";
    const context = contextOf({ stream: recording.stream, serverTools: new Set(["web_search"]) });
    const found = new Set<string>();
    if (recording.stream) {
      const run = isResponses ? runResponsesStream : runStream;
      for (const event of run(responseBytes(recording), 16_384, context).events) nullsOf(event, event.type, found);
    } else {
      try {
        const text = responseText(recording);
        const { message } = isResponses ? fromResponse(text, context) : fromChatCompletion(text, context);
        nullsOf(message, "message", found);
        for (const event of messageToEvents(message)) nullsOf(event, event.type, found);
      } catch (error) {
        expect(error).toBeInstanceOf(CcpbError);
      }
    }
    const isAllowed = (path: string): boolean =>
      // A refusal was only recorded as a stream; its details are the same object in a whole answer.
      allowed.has(path) || allowed.has(path.replace(/^message\./, "message_delta.delta."));
    expect([...found].filter((path) => !isAllowed(path))).toEqual([]);
  });
});

describe("a whole text", () => {
  it("has the members that the API sends, and no other", () => {
    const said = { choices: [{ message: { content: "Hi" }, finish_reason: "stop" }] };
    expect(fromChatCompletion(said, contextOf()).message.content).toEqual([{ type: "text", text: "Hi" }]);
    const item = { type: "message", content: [{ type: "output_text", text: "Hi" }] };
    const response = { status: "completed", output: [item] };
    expect(fromResponse(response, contextOf()).message.content).toEqual([{ type: "text", text: "Hi" }]);
  });
});

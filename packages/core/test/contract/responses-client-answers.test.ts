import { describe, expect, it } from "vitest";
import { responsesToMessages } from "../../src/dialects/responses/client-request.ts";
import { toResponse } from "../../src/dialects/responses/client-answer.ts";
import { ResponsesAnswerMachine } from "../../src/dialects/responses/client-answer-machine.ts";
import type { Message } from "../../src/protocol/anthropic.ts";
import { MessageAssembler } from "../../src/conversation/answer/message-assembler.ts";
import { messagesEvents } from "./messages-events.ts";
import { recordings, responseBytes, responseText } from "./recordings.ts";
import { answerContext } from "./responses-client-cases.ts";
import { checkResponsesStream } from "./responses-stream-check.ts";

const context = answerContext();
type Members = Readonly<Record<string, unknown>>;
const streams = recordings(
  ({ dialect, stream, status }) => dialect === "anthropic-messages" && stream && status === 200,
);
const wholes = recordings(
  ({ dialect, stream, status }) => dialect === "anthropic-messages" && !stream && status === 200,
).filter((recording) => (JSON.parse(responseText(recording)) as Members)["type"] === "message");

/** What of a message a client of this API can give back: no server tools, no blank text; citations belong to the answer alone. */
function replayable(content: readonly Members[]): readonly Members[] {
  return content.flatMap((block): readonly Members[] => {
    const { type, text, thinking, signature, data, id, name, input } = block;
    if (type === "text") return typeof text === "string" && text.trim() !== "" ? [{ type, text }] : [];
    if (type === "thinking") return [{ type, thinking, signature: signature ?? "" }];
    if (type === "redacted_thinking") return [{ type, data }];
    return type === "tool_use" ? [{ type, id, name, input }] : [];
  });
}

/** The output items as the next request holds them, read by ourselves. */
function readBack(output: unknown): readonly Members[] {
  const items = (output as readonly Members[]).filter(({ type }) => type !== "web_search_call");
  const { request } = responsesToMessages({
    model: "m",
    input: ["q", ...items].map((item) => (item === "q" ? { role: "user", content: "q" } : item)),
  });
  return request.messages
    .filter(({ role }) => role === "assistant")
    .flatMap(({ content }) => content as unknown as readonly Members[]);
}

/** A stream has arguments as the model spaced them, a whole message has the object. */
function compact(response: Members): unknown {
  return JSON.parse(JSON.stringify(response), (key, value: unknown) =>
    key === "arguments" && typeof value === "string" ? JSON.parse(value) : value,
  );
}

function isOnlyThinking(content: readonly Members[]): boolean {
  return content.every(({ type }) => type === "thinking" || type === "redacted_thinking");
}

describe(`recorded Messages answers as Responses`, () => {
  it.each(streams.map((one) => [one.id, one] as const))(
    "the stream %s is legal and comes back as the same message",
    (_id, recording) => {
      const events = messagesEvents(responseBytes(recording));
      const writer = new ResponsesAnswerMachine(context);
      const assembler = new MessageAssembler();
      for (const event of events) assembler.push(event);
      const out = writer.push(events);
      expect(checkResponsesStream(out)).toEqual([]);
      const message = assembler.message();
      if (!message || !assembler.isComplete) return;
      const last = out.at(-1) as unknown as { readonly response: Members };
      // The whole answer is what the stream ends with.
      expect(compact(toResponse(message, context))).toEqual(compact(last.response));
      const expected = replayable(message.content as unknown as readonly Members[]);
      const back = readBack(last.response["output"]);
      expect(back).toEqual(isOnlyThinking(expected) ? [] : expected);
    },
  );

  it.each(wholes.map((one) => [one.id, one] as const))(
    "the answer %s comes back as the same message",
    (_id, recording) => {
      const message = JSON.parse(responseText(recording)) as Message;
      const response = toResponse(message, context);
      const expected = replayable(message.content as unknown as readonly Members[]);
      const back = readBack(response["output"]);
      expect(back).toEqual(isOnlyThinking(expected) ? [] : expected);
    },
  );
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerContext, answerEvents, clientTools } from "../../../test/contract/responses-client-cases.ts";
import { checkResponsesStream } from "../../../test/contract/responses-stream-check.ts";
import type { MessageStreamEvent } from "../../protocol/anthropic.ts";
import { type ResponsesStreamEvent, ResponsesAnswerMachine } from "./client-answer-machine.ts";

const streams = answerEvents().map(([, events]) => events);
const stream = fc.constantFrom(...streams);

/** The events of a writer that takes `events` in groups of the given sizes. */
function write(events: readonly MessageStreamEvent[], sizes: readonly number[] = []): readonly ResponsesStreamEvent[] {
  const writer = new ResponsesAnswerMachine(answerContext(clientTools));
  const out: ResponsesStreamEvent[] = [];
  let at = 0;
  for (const size of sizes) {
    for (const one of writer.push(events.slice(at, at + size))) out.push(one);
    at += size;
  }
  for (const one of writer.push(events.slice(at))) out.push(one);
  return out;
}

function isCleanEnd({ type }: ResponsesStreamEvent): boolean {
  return type === "response.completed" || type === "response.incomplete";
}

/** One fault: an event left out, said twice, moved, or from another stream. */
const fault = fc.record({
  kind: fc.constantFrom("drop", "double", "swap", "insert", "reindex"),
  at: fc.nat({ max: 200 }),
  to: fc.nat({ max: 200 }),
});

function harm(
  events: readonly MessageStreamEvent[],
  faults: readonly { kind: string; at: number; to: number }[],
): readonly MessageStreamEvent[] {
  const harmed = [...events];
  for (const { kind, at, to } of faults) {
    const from = at % Math.max(1, harmed.length);
    const one = harmed[from];
    if (one === undefined) continue;
    if (kind === "drop") harmed.splice(from, 1);
    else if (kind === "double") harmed.splice(from, 0, one);
    else if (kind === "swap") {
      const other = to % harmed.length;
      harmed[from] = harmed[other] ?? one;
      harmed[other] = one;
    } else if (kind === "insert") {
      const foreign = streams[to % streams.length];
      const event = foreign?.[at % foreign.length];
      if (event) harmed.splice(from, 0, event);
    } else harmed[from] = { ...one, index: to % 4 } as unknown as MessageStreamEvent;
  }
  return harmed;
}

describe("a Responses stream", () => {
  it("is the same however the events come together", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 }), (events, sizes) => {
        expect(write(events, sizes)).toEqual(write(events));
      }),
    );
  });

  it("is legal whatever was dropped, doubled, moved or put in", () => {
    fc.assert(
      fc.property(stream, fc.array(fault, { minLength: 1, maxLength: 6 }), (events, faults) => {
        const out = write(harm(events, faults));
        if (out.length > 0) expect(checkResponsesStream(out)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("has no clean end where the answer was cut, and an honest one when it is told", () => {
    fc.assert(
      fc.property(stream, fc.nat({ max: 300 }), (events, length) => {
        const cut = events.slice(0, length % events.length);
        const writer = new ResponsesAnswerMachine(answerContext(clientTools));
        const out = [...writer.push(cut)];
        expect(out.some(isCleanEnd)).toBe(false);
        const ending = writer.fail({ error: { type: "api_error", message: "the stream broke" } });
        expect(ending.at(-1)).toMatchObject({ type: "response.failed", response: { status: "failed" } });
        expect(checkResponsesStream([...out, ...ending])).toEqual([]);
        expect(writer.hasEnded).toBe(true);
        expect(writer.push(events.slice(cut.length))).toEqual([]);
      }),
    );
  });

  it("fails where the provider's own error comes in between", () => {
    fc.assert(
      fc.property(
        stream,
        fc.nat({ max: 300 }),
        fc.constantFrom("overloaded_error", "api_error", "from_the_future"),
        (events, at, type) => {
          const place = at % events.length;
          const error: MessageStreamEvent = { type: "error", error: { type, message: "Overloaded" } };
          const out = write([...events.slice(0, place), error, ...events.slice(place)]);
          expect(out.slice(-2).map((event) => event.type)).toEqual(["error", "response.failed"]);
          expect(checkResponsesStream(out)).toEqual([]);
        },
      ),
    );
  });

  it("survives blocks, deltas and members of any shape", () => {
    const value = fc.oneof(fc.constantFrom<unknown>(null, 0, 1, "", "x", [], {}), fc.jsonValue({ maxDepth: 2 }));
    const member = fc.constantFrom(
      "type",
      "text",
      "thinking",
      "signature",
      "id",
      "name",
      "input",
      "data",
      "partial_json",
      "citation",
      "content",
      "tool_use_id",
      "stop_reason",
      "explanation",
    );
    const object = fc.oneof(
      value,
      fc.dictionary(member, value, { maxKeys: 5 }),
      fc.record({
        type: fc.constantFrom(
          "text",
          "tool_use",
          "thinking",
          "redacted_thinking",
          "server_tool_use",
          "text_delta",
          "input_json_delta",
          "citations_delta",
        ),
        name: value,
        id: value,
        text: value,
        input: value,
        partial_json: value,
      }),
    );
    const event = fc.record({
      type: fc.constantFrom(
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
        "future",
      ),
      index: fc.oneof(fc.constantFrom<unknown>(0, 1, 2), value),
      message: object,
      content_block: object,
      delta: object,
      usage: object,
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const out = write(events as unknown as readonly MessageStreamEvent[]);
        if (out.length > 0) expect(checkResponsesStream(out)).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

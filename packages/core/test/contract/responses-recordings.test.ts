import { describe, expect, it } from "vitest";
import { CcpbError } from "../../src/base/errors.ts";
import type { Message, MessageStreamEvent } from "../../src/protocol/anthropic.ts";
import { messageToEvents } from "../../src/conversation/answer/message-events.ts";
import { readSignature } from "../../src/conversation/ids/signature.ts";
import { fromChatCompletion } from "../../src/dialects/chat/response.ts";
import { fromResponse } from "../../src/dialects/responses/response.ts";
import { MessageStreamChecker } from "../../src/conversation/answer/grammar.ts";
import {
  readNaiveDeltas,
  readNaiveResponse,
  readNaiveResponseStream,
  type NaiveResponse,
  type NaiveResponseBody,
} from "./naive-responses.ts";
import { hasShared, recordings, responseBytes, responseText } from "./recordings.ts";
import { contextOf, counted, readSizes, runResponsesStream } from "./stream-run.ts";

const all = recordings(({ dialect, status }) => dialect === "openai-responses" && status === 200);
const streams = all.filter(({ stream }) => stream);

/** Written by hand upstream: the text of its whole item is another than that of its pieces. What was shown stands. */
const differs = (id: string): boolean => id.endsWith("openai-shell-container.1");
const answers = all.filter(({ stream }) => !stream);

/** What `background: true` is answered with. */
const isUnfinished = ({ status }: NaiveResponseBody): boolean => status === "in_progress" || status === "queued";

describe(`recorded Responses streams`, () => {
  it("are all there", () => {
    expect(streams.length).toBeGreaterThanOrEqual(hasShared ? 37 : 3);
  });

  describe.each(readSizes)("read %i bytes at a time", (readSize) => {
    it.each(streams.map((recording) => [recording.id, recording] as const))("%s", (_id, recording) => {
      const said = readNaiveResponseStream(responseText(recording));
      const run = runResponsesStream(responseBytes(recording), readSize);
      expect(run.problems).toEqual([]);
      if (said === undefined || said.error !== undefined) {
        expect(run.translator.state).toBe("failed");
        // Both came before any content: the client has seen nothing, and another provider can be asked.
        expect(run.events).toEqual([]);
        expect(JSON.stringify(run.translator.failure)).toContain(said?.error ?? "no JSON");
        return;
      }
      expect(run.translator.state).toBe("complete");
      if (differs(recording.id)) {
        expect(run.translator.warnings.map(({ code }) => code)).toContain("text_differs");
        return;
      }
      expectSame(run.message, said);
      expect(run.message?.id).toMatch(/^msg_/);
      expect(run.translator.warnings.filter(({ code }) => code !== "item_dropped")).toEqual([]);
    });
  });

  it.each(streams.map((recording) => [recording.id, recording] as const))(
    "%s: text and thinking are what the pieces say",
    (_id, recording) => {
      const text = responseText(recording);
      if (readNaiveResponseStream(text) === undefined) return;
      const said = readNaiveDeltas(text);
      const { message } = runResponsesStream(responseBytes(recording), 16_384);
      const texts = (message?.content ?? []).flatMap((block) => (block.type === "text" ? [block.text] : []));
      const thoughts = (message?.content ?? []).flatMap((block) => (block.type === "thinking" ? [block.thinking] : []));
      const spoken = (said["response.output_text.delta"] ?? "") + (said["response.refusal.delta"] ?? "");
      const thought =
        (said["response.reasoning_summary_text.delta"] ?? "") + (said["response.reasoning_text.delta"] ?? "");
      if (spoken !== "") expect(texts.join("")).toBe(spoken);
      if (thought !== "") expect(thoughts.join("").replaceAll("\n\n", "")).toBe(thought.replaceAll("\n\n", ""));
    },
  );

  it.each(streams.map((recording) => [recording.id, recording] as const))(
    "%s, cut anywhere, is no answer",
    (_id, recording) => {
      const bytes = responseBytes(recording);
      const end = responseText(recording).search(
        /\n(?:event: response\.(?:completed|incomplete|failed)\n)?data: ?\{[^\n]*"response\.(?:completed|incomplete|failed)"/,
      );
      const length = end < 0 ? bytes.length : new TextEncoder().encode(responseText(recording).slice(0, end)).length;
      for (let cut = 1; cut <= 12; cut += 1) {
        const run = runResponsesStream(bytes.subarray(0, Math.floor((length * cut) / 12)), 16_384);
        expect(run.translator.state).toBe("failed");
        expect(run.problems).toEqual([]);
        expect(run.events.some(({ type }) => type === "message_stop")).toBe(false);
        if (run.events.length > 0) expect(run.events.at(-1)?.type).toBe("error");
      }
    },
  );

  it.each(streams.map((recording) => [recording.id, recording] as const))(
    "%s, collected, is the same message",
    (_id, recording) => {
      const run = runResponsesStream(responseBytes(recording), 7);
      if (run.translator.failure) {
        expect(() => fromResponse(responseText(recording), contextOf())).toThrow(CcpbError);
        return;
      }
      const { message } = fromResponse(responseText(recording), contextOf(), { generateId: counted() });
      expect(essence(message)).toEqual(essence(run.message));
    },
  );

  it.each(streams.map((recording) => [recording.id, recording] as const))(
    "%s: its last event says the same alone",
    (_id, recording) => {
      const body = lastResponse(responseText(recording));
      const run = runResponsesStream(responseBytes(recording), 16_384);
      if (body === undefined || run.translator.failure || differs(recording.id)) return;
      const { message } = fromResponse(body, contextOf(), { generateId: counted() });
      // Its ids of reasoning need not be those of the stream, and what it carries is encrypted anew.
      expect(essence(message, "without signatures")).toEqual(essence(run.message, "without signatures"));
    },
  );

  it("keep encrypted reasoning for the provider that made it, and the phase of the message behind it", () => {
    const kept = streams.flatMap((recording) => {
      const { message } = runResponsesStream(responseBytes(recording), 16_384, contextOf({ provider: "p" }));
      return (message?.content ?? []).flatMap((block) =>
        block.type === "thinking" ? [readSignature(block.signature)] : [],
      );
    });
    expect(kept.every((envelope) => envelope?.provider === "p")).toBe(true);
    const items = kept.flatMap((envelope) => (envelope?.origin.kind === "rs" ? [envelope.origin] : []));
    expect(items.length).toBeGreaterThanOrEqual(hasShared ? 6 : 2);
    expect(items.every(({ id, encryptedContent }) => id.startsWith("rs_") && encryptedContent.length > 100)).toBe(true);
  });
});

describe(`recorded Responses answers`, () => {
  it.each(answers.map((recording) => [recording.id, recording] as const))("%s", (_id, recording) => {
    const text = responseText(recording);
    const body = JSON.parse(text) as NaiveResponseBody;
    if (isUnfinished(body)) {
      expect(() => fromResponse(text, contextOf())).toThrow("not finished");
      return;
    }
    const { message } = fromResponse(text, contextOf(), { generateId: counted() });
    if (body.output === undefined) {
      // A gateway that was asked in one dialect and answered in the other.
      expect(message).toEqual(fromChatCompletion(text, contextOf(), { generateId: counted() }).message);
      return;
    }
    expectSame(message, readNaiveResponse(body));
    const checker = new MessageStreamChecker();
    for (const event of messageToEvents(message)) checker.push(event);
    expect(checker.end()).toEqual([]);
    const inPlaceOfAStream = runResponsesStream(text, 7);
    expect(inPlaceOfAStream.problems).toEqual([]);
    expect(essence(inPlaceOfAStream.message)).toEqual(essence(message));
  });

  it.each(answers.map((recording) => [recording.id, recording] as const))(
    "%s, streamed as OpenAI would",
    (_id, recording) => {
      const body = JSON.parse(responseText(recording)) as NaiveResponseBody;
      if (body.output === undefined || isUnfinished(body)) return;
      const { message } = fromResponse(body, contextOf(), { generateId: counted() });
      const run = runResponsesStream(framed(eventsOf(body)), 16_384);
      expect(run.problems).toEqual([]);
      expect(essence(run.message)).toEqual(essence(message));
    },
  );
});

function expectSame(message: Message | undefined, said: NaiveResponse): void {
  expect(shown(message)).toEqual(said.content.map(comparable));
  expect(message?.model).toBe("claude-test");
  expect(message?.stop_reason).toBe(said.stop);
  expect(message?.stop_sequence).toBeNull();
  expect(message?.usage).toMatchObject(said.usage);
}

function shown(message: Message | undefined): unknown[] {
  return (message?.content ?? []).flatMap((block): unknown[] => {
    if (block.type === "text") return [["text", block.text]];
    if (block.type === "tool_use") return [["tool", block.name, block.input]];
    // An empty one only carries encrypted reasoning back to the provider.
    return block.type === "thinking" && block.thinking !== "" ? [["thinking", block.thinking]] : [];
  });
}

function comparable([kind, text = "", args = ""]: readonly string[]): unknown[] {
  return kind === "tool" ? [kind, text, args.trim() === "" ? {} : JSON.parse(args)] : [kind, text];
}

function essence(
  message: Message | undefined,
  signatures: "with signatures" | "without signatures" = "with signatures",
): unknown {
  const content = (message?.content ?? []).map((block) => {
    if (block.type === "text") return ["text", block.text];
    if (block.type === "thinking") {
      return ["thinking", block.thinking, signatures === "with signatures" ? block.signature : ""];
    }
    return block.type === "tool_use" ? ["tool", block.id, block.name, block.input] : block;
  });
  return [message?.stop_reason, message?.usage, content];
}

function lastResponse(text: string): NaiveResponseBody | undefined {
  for (const line of text.split("\n")) {
    if (!/^data: ?\{.*"response\.(?:completed|incomplete)"/.test(line)) continue;
    try {
      const { response } = JSON.parse(line.slice(5)) as { readonly response: NaiveResponseBody };
      return response.output.length > 0 ? response : undefined;
    } catch {
      return undefined;
    }
  }
  return undefined;
}

type Event = Readonly<Record<string, unknown>>;

function framed(events: readonly Event[]): string {
  return events.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

/** The stream that would have given an answer: every item announced, in pieces, and whole. */
function eventsOf(body: NaiveResponseBody): readonly Event[] {
  const events: Event[] = [
    { type: "response.created", response: { ...body, status: "in_progress", output: [], usage: null } },
  ];
  for (const [output_index, item] of body.output.entries()) {
    const pieces = (text: string) => text.match(/.{1,5}/gsu) ?? [];
    const { content, summary, arguments: args, ...rest } = item;
    events.push({ type: "response.output_item.added", output_index, item: { ...rest, status: "in_progress" } });
    for (const [summary_index, part] of (summary ?? []).entries()) {
      events.push({ type: "response.reasoning_summary_part.added", output_index, summary_index });
      for (const delta of pieces(part.text ?? "")) {
        events.push({ type: "response.reasoning_summary_text.delta", output_index, summary_index, delta });
      }
    }
    const delta = item.type === "reasoning" ? "response.reasoning_text.delta" : "response.output_text.delta";
    if (item.type === "message" || item.type === "reasoning") {
      for (const [content_index, part] of (content ?? []).entries()) {
        for (const piece of pieces(part.text ?? ""))
          events.push({ type: delta, output_index, content_index, delta: piece });
      }
    }
    if (item.type === "function_call") {
      for (const piece of pieces(args ?? "")) {
        events.push({ type: "response.function_call_arguments.delta", output_index, delta: piece });
      }
      events.push({ type: "response.function_call_arguments.done", output_index, arguments: args });
    }
    events.push({ type: "response.output_item.done", output_index, item });
  }
  const type = body.status === "incomplete" ? "response.incomplete" : "response.completed";
  return [...events, { type, response: body }];
}

it("a stream's events keep their order of blocks", () => {
  const events: readonly MessageStreamEvent[] = runResponsesStream(
    framed([
      { type: "response.output_item.added", output_index: 0, item: { type: "message", id: "m" } },
      { type: "response.output_text.delta", output_index: 0, delta: "hi" },
      { type: "response.completed", response: { status: "completed", output: [] } },
    ]),
    1,
  ).events;
  expect(events.map(({ type }) => type)).toEqual([
    "message_start",
    "ping",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
  ]);
});

import { createParser } from "eventsource-parser";
import { describe, expect, it } from "vitest";
import { type AnswerFixture, stampPlace, withAnyStamp } from "../src/fixtures/answer.ts";
import { anthropicMessage, anthropicStream } from "../src/fixtures/anthropic-answer.ts";
import { chatTextStream, chatToolStream } from "../src/fixtures/chat-answer.ts";
import { responsesTextStream } from "../src/fixtures/responses-answer.ts";
import { claudeCodeBody, smallBody } from "../src/fixtures/claude-code-body.ts";
import { networkChunks } from "../src/fixtures/network-chunks.ts";

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

function eventsOf(answer: AnswerFixture): { readonly event: string | undefined; readonly data: string }[] {
  const events: { event: string | undefined; data: string }[] = [];
  createParser({ onEvent: ({ event, data }) => events.push({ event, data }) }).feed(textOf(answer.body));
  return events;
}

function standInOrder(text: string, marks: readonly string[]): boolean {
  let at = 0;
  return marks.every((mark) => {
    at = text.indexOf(mark, at);
    if (at === -1) return false;
    at += mark.length;
    return true;
  });
}

describe("a Claude-Code-shaped body", () => {
  it.each([150_000, 300_000])("of %i bytes is that long within one per cent", (bytes) => {
    const { body } = claudeCodeBody({ bytes, stream: true, model: "m" });
    expect(Math.abs(body.length - bytes) / bytes).toBeLessThan(0.01);
  });

  it("is JSON in UTF-8 with system blocks, tools, and a history of tool calls and their results", () => {
    const { body } = claudeCodeBody({ bytes: 150_000, stream: true, model: "m" });
    const request = JSON.parse(textOf(body));
    expect(Object.keys(request)[0]).toBe("model");
    expect(request.system[0].text).toMatch(/^x-anthropic-billing-header: /);
    expect(request.tools).toHaveLength(30);
    expect(request.stream).toBe(true);
    const kinds = request.messages.flatMap(({ content }: { content: string | { type: string }[] }) =>
      typeof content === "string" ? [] : content.map(({ type }) => type),
    );
    const calls = kinds.filter((kind: string) => kind === "tool_use").length;
    expect(calls).toBeGreaterThan(10);
    expect(kinds.filter((kind: string) => kind === "tool_result")).toHaveLength(calls);
    expect(textOf(body)).toMatch(/\\n/);
    expect(textOf(body)).toMatch(/世界/);
  });

  it("is the same on every call, and differs between models only in the model", () => {
    const one = textOf(claudeCodeBody({ bytes: 150_000, stream: true, model: "one-model" }).body);
    expect(textOf(claudeCodeBody({ bytes: 150_000, stream: true, model: "one-model" }).body)).toBe(one);
    const other = textOf(claudeCodeBody({ bytes: 150_000, stream: true, model: "quite-another-model" }).body);
    expect(other).toBe(one.replace('"model":"one-model"', '"model":"quite-another-model"'));
  });

  it("has its model at the end where that is asked for", () => {
    const { body } = claudeCodeBody({ bytes: 150_000, stream: false, model: "m", modelAt: "last" });
    expect(textOf(body)).toMatch(/"model":"m"\}$/);
  });

  it("holds its marks in order", () => {
    const { body, marks } = claudeCodeBody({ bytes: 150_000, stream: true, model: "m" });
    expect(marks.length).toBeGreaterThan(20);
    expect(standInOrder(textOf(body), marks)).toBe(true);
    expect(standInOrder(textOf(body), [...marks].toReversed())).toBe(false);
  });
});

it("a small body is JSON of the size that was asked for", () => {
  const { body } = smallBody({ bytes: 1_000, stream: false, model: "m" });
  expect(JSON.parse(textOf(body)).messages).toHaveLength(1);
  expect(Math.abs(body.length - 1_000)).toBeLessThan(200);
});

describe("an upstream answer", () => {
  it("of the Messages API is one part of JSON", () => {
    const answer = anthropicMessage("m", 1_000);
    expect(JSON.parse(textOf(answer.body))).toMatchObject({ type: "message", model: "m", stop_reason: "end_turn" });
    expect(answer.partEnds).toEqual([answer.body.length]);
  });

  it("of the Messages API is a legal stream with a part for each event", () => {
    const answer = anthropicStream("m", 50);
    const events = eventsOf(answer);
    expect(events).toHaveLength(answer.partEnds.length);
    expect(events.map(({ event }) => event)).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      ...Array.from({ length: 50 }, () => "content_block_delta"),
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(events.every(({ event, data }) => JSON.parse(data).type === event)).toBe(true);
  });

  it("of Chat Completions carries tool arguments that are JSON once joined", () => {
    const answer = chatToolStream("m", 300);
    const chunks = eventsOf(answer)
      .slice(0, -1)
      .map(({ data }) => JSON.parse(data));
    const pieces = chunks.map((chunk) => chunk.choices[0]?.delta.tool_calls?.[0]?.function.arguments ?? "");
    const { content } = JSON.parse(pieces.join(""));
    expect(
      standInOrder(
        content,
        answer.marks.filter((mark) => mark.startsWith("~")),
      ),
    ).toBe(true);
    expect(eventsOf(answer).at(-1)?.data).toBe("[DONE]");
  });

  it("of Chat Completions carries text, a finish reason and usage", () => {
    const chunks = eventsOf(chatTextStream("m", 20))
      .slice(0, -1)
      .map(({ data }) => JSON.parse(data));
    expect(chunks.map((chunk) => chunk.choices[0]?.finish_reason ?? null).filter(Boolean)).toEqual(["stop"]);
    expect(chunks.at(-1).usage.completion_tokens).toBe(20);
  });

  it("of Responses carries text in pieces, and whole at its end", () => {
    const events = eventsOf(responsesTextStream("m", 20));
    const data = events.map((event) => JSON.parse(event.data));
    expect(data.every(({ type }, index) => type === events[index]?.event)).toBe(true);
    const pieces = data.map(({ delta = "" }: { delta?: string }) => delta).join("");
    expect(data.at(-1).response.output[0].content[0].text).toBe(pieces);
    expect(data.at(-1).response.usage.output_tokens).toBe(20);
  });

  it("is expected with any digit in place of its stamps", () => {
    const answer = anthropicStream("m", 2, true);
    expect(textOf(answer.body).split(stampPlace)).toHaveLength(3);
    const expected = textOf(withAnyStamp(answer.body));
    expect(expected).toHaveLength(textOf(answer.body).length);
    expect(expected.split(`@${"\u0001".repeat(18)}@`)).toHaveLength(3);
  });

  it("is cut into network chunks without losing a byte", () => {
    const answer = chatTextStream("m", 40);
    expect(networkChunks(answer, 1)).toHaveLength(answer.partEnds.length);
    expect(Buffer.concat(networkChunks(answer, 2_000))).toEqual(answer.body);
  });
});

import { describe, expect, it } from "vitest";
import { isPartEvent } from "./part-events.ts";

/** Asks of an event that stands between others. */
function isPart(name: string, data: string): boolean {
  const event = `${name === "" ? "" : `event: ${name}\n`}data: ${data}\n\n`;
  const chunk = new TextEncoder().encode(`data: {"type":"response.a.b"}\n\n${event}data: {"type":"response.a.b"}\n\n`);
  const from = 'data: {"type":"response.a.b"}\n\n'.length;
  return isPartEvent({ chunk, from, end: from + event.length });
}

const parts = [
  "response.output_text.delta",
  "response.output_text.done",
  "response.output_item.added",
  "response.output_item.done",
  "response.content_part.added",
  "response.reasoning_summary_text.delta",
  "response.code_interpreter_call_code.delta",
  "response.mcp_call.failed",
];
const wholes = ["response.created", "response.completed", "response.failed", "response.incomplete", "response.done"];

describe("isPartEvent", () => {
  it.each(parts)("%s tells of a part", (type) => {
    expect(isPart(type, JSON.stringify({ type }))).toBe(true);
    expect(isPart("", JSON.stringify({ type }))).toBe(true);
    expect(isPart("", `{"type": "${type}"}`)).toBe(true);
    expect(isPart("", `{"delta":"}","type":"${type}"}`)).toBe(true);
    expect(isPart("", `{"delta": "x", "type": "${type}"}`)).toBe(true);
  });

  it.each([...wholes, "error", "ping", "message"])("%s is to be read", (type) => {
    expect(isPart(type, JSON.stringify({ type }))).toBe(false);
    expect(isPart("", JSON.stringify({ type }))).toBe(false);
    expect(isPart(type, "{}")).toBe(false);
    expect(isPart("", `{"text":"response.output_text.delta","type":"${type}"}`)).toBe(false);
  });

  it("believes the data and not the name", () => {
    expect(isPart("response.output_text.delta", '{"type":"response.failed"}')).toBe(false);
    expect(isPart("response.output_text.delta", '{"response":{},"type":"response.failed"}')).toBe(false);
    expect(isPart("message", '{"type":"response.output_text.delta"}')).toBe(true);
    expect(isPart("response.output_text.delta", '{"delta":"x","type":"response.output_text.delta","y":1}')).toBe(false);
    expect(isPart("", '{"x":"\\"type\\":\\"response.output_text.delta"}')).toBe(false);
  });
});

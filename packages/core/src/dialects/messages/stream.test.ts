import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../bytes/concat-bytes.ts";
import { NativeStreamReader, type NativeStreamOptions } from "./stream.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const event = (data: { type: string } & Record<string, unknown>, name = data.type) =>
  `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const start = event({
  type: "message_start",
  message: {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "up",
    content: [],
    stop_reason: null,
    usage: { input_tokens: 7, output_tokens: 1 },
  },
});
const ping = event({ type: "ping" });
const textStart = event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
const delta = (text: string) => event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
const stop = event({ type: "content_block_stop", index: 0 });
const messageDelta = event({
  type: "message_delta",
  delta: { stop_reason: "end_turn", stop_sequence: null },
  usage: { output_tokens: 5 },
});
const messageStop = event({ type: "message_stop" });
const whole = start + ping + textStart + delta('Hi { " 你好') + delta(" there") + stop + messageDelta + messageStop;

function read(bytes: Uint8Array, size: number, options: NativeStreamOptions = {}) {
  const reader = new NativeStreamReader(options);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const out = reader.push(bytes.slice(at, at + size));
    if (out) parts.push(out);
  }
  const last = reader.end();
  if (last) parts.push(last);
  return { reader, text: decode(concatBytes(parts)), parts };
}

describe("NativeStreamReader", () => {
  it.each([1, 7, 16_384])("forwards a healthy stream byte for byte at read size %i", (size) => {
    for (const text of [
      whole,
      whole.replaceAll("\n", "\r\n"),
      whole.replaceAll("\n", "\r"),
      `\ufeff${whole}`,
      `: hello\n\n${whole}`,
    ]) {
      const { reader, text: out } = read(encode(text), size);
      expect(out).toBe(decode(encode(text)));
      expect(reader.state).toBe("complete");
      expect(reader.usage).toEqual({ inputTokens: 7, outputTokens: 5, cacheReadTokens: 0, cacheCreationTokens: 0 });
      expect(reader.stopReason).toBe("end_turn");
    }
  });

  it.each([1, 7, 16_384])(
    "puts the requested model into message_start and changes nothing else, at read size %i",
    (size) => {
      expect(read(encode(whole), size, { answerModel: "asked" }).text).toBe(whole.replace('"up"', '"asked"'));
    },
  );

  it("holds message_start, pings, comments and empty deltas back until content", () => {
    const reader = new NativeStreamReader();
    for (const part of [start, ping, ": wait\n\n", textStart, delta("")]) {
      expect(reader.push(encode(part))).toBeUndefined();
      expect(reader.state).toBe("prelude");
    }
    expect(decode(reader.push(encode(delta("x"))) as Uint8Array)).toBe(
      `${start + ping}: wait\n\n${textStart}${delta("")}${delta("x")}`,
    );
    expect(reader.state).toBe("content");
  });

  it.each(["thinking", "redacted_thinking", "tool_use", "server_tool_use", "web_search_tool_result"])(
    "opens the gate at the start of a %s block",
    (type) => {
      const reader = new NativeStreamReader();
      reader.push(encode(start));
      reader.push(encode(event({ type: "content_block_start", index: 0, content_block: { type } })));
      expect(reader.state).toBe("content");
    },
  );

  it("takes a healthy end without any content for a whole answer", () => {
    const { reader, text } = read(encode(start + messageDelta + messageStop), 16_384);
    expect(reader.state).toBe("complete");
    expect(text).toBe(start + messageDelta + messageStop);
  });

  it("takes a stream for whole only if the data of its last event is, wherever it is cut", () => {
    const named = messageStop.trimEnd().length;
    for (const lineEnd of ["\n", "\r\n", "\r"]) {
      for (const body of [start + textStart + delta("x") + stop + messageDelta, start + messageDelta]) {
        const bytes = encode((body + messageStop).replaceAll("\n", lineEnd));
        const whole = encode((body + messageStop.slice(0, named)).replaceAll("\n", lineEnd)).length;
        const from = encode(body.replaceAll("\n", lineEnd)).length;
        for (let cut = from; cut <= bytes.length; cut += 1) {
          const { reader, text } = read(bytes.slice(0, cut), 16_384);
          expect([cut, reader.state]).toEqual([cut, cut >= whole ? "complete" : "failed"]);
          if (cut >= whole) expect(text).toMatch(/\}(?:\r\n|\n|\r){2,}$/);
          else expect(reader.failure).toEqual({ type: "truncated" });
        }
      }
    }
  });

  it.each([
    ["message_stop without data", "event: message_stop\n\n"],
    ["message_stop whose data is cut", 'event: message_stop\ndata: {"type":"message_stop","x":{}\n\n'],
    ["message_stop whose data is another event", event({ type: "ping" }, "message_stop")],
    ["message_delta whose data is another event", event({ type: "ping" }, "message_delta")],
    ["a block's end without data", "event: content_block_stop\n\n"],
  ])("fails on %s, which no client can read", (_what, last) => {
    const { reader } = read(encode(start + textStart + delta("x") + messageDelta + last), 7);
    expect(reader.failure?.type).toBe("junk");
  });

  it("leaves counts out that are not finite, whole and at most 2^53, with a warning", () => {
    for (const odd of ["1e400", "5.5", "-1", "9007199254740994", '"5"', "{}"]) {
      const text = whole.replace('"output_tokens":5', `"output_tokens":${odd}`);
      const { reader, text: out } = read(encode(text), 16_384);
      expect(out).toBe(text);
      expect(reader.usage?.outputTokens).toBe(1);
      expect(reader.warnings).toEqual([expect.stringContaining("output_tokens")]);
    }
  });

  it("passes bytes that are no UTF-8 behind the gate, and no answer with them before it", () => {
    const bad = (text: string) => encode(text).map((byte) => (byte === 0x21 ? 0xff : byte)); // in place of `!`
    const tail = stop + messageDelta.replace("null", '"!"') + messageStop;
    const passed = new NativeStreamReader();
    passed.push(encode(start + textStart + delta("x")));
    expect(passed.push(bad(delta("!") + tail))).toEqual(bad(delta("!") + tail));
    expect(passed.state).toBe("complete");
    expect(read(bad(start + textStart + delta("!") + tail), 16_384).reader.failure?.type).toBe("junk");
  });

  it.each(["x-note: 1", "x-note:1", "note", "x.y_z: {}", "Data: 1", "data2: {}", "events: x"])(
    "passes a field of an unknown name: %s",
    (line) => {
      for (const lineEnd of ["\n", "\r\n"]) {
        const text = `${line}\n${whole.replaceAll("\n\n", `\n${line}\n\n${line}\n\n`)}`.replaceAll("\n", lineEnd);
        for (const size of [1, 7, 16_384]) {
          const { reader } = read(encode(text), size);
          expect([reader.failure, reader.state]).toEqual([undefined, "complete"]);
          const renamed = new NativeStreamReader({ answerModel: "asked-for" });
          expect(decode(renamed.push(encode(text)) as Uint8Array)).toContain('"model":"asked-for"');
        }
      }
    },
  );

  it("sends nothing after message_stop", () => {
    const { reader, text } = read(encode(`${whole}data: [DONE]\n\n${delta("more")}`), 16_384);
    expect(reader.state).toBe("complete");
    expect(text).toBe(whole);
  });

  it("gives a last event without its blank line one", () => {
    const { reader, text } = read(encode(whole.slice(0, -1)), 7);
    expect(reader.state).toBe("complete");
    expect(text.startsWith(whole.slice(0, -1))).toBe(true);
    expect(text.endsWith("\n\n")).toBe(true);
  });

  it.each([
    ["an empty body", "", "not-an-answer"],
    ["HTML", "<html><body>Bad gateway</body></html>\n\n", "not-an-answer"],
    [
      "an error event first",
      event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
      "error",
    ],
    [
      "an error event after message_start",
      start + event({ type: "error", error: { type: "api_error", message: "x" } }),
      "error",
    ],
    ["a cut before content", start + ping + textStart, "truncated"],
    ["content without message_start", delta("x"), "not-an-answer"],
    ["events without their event: line", whole.replaceAll(/event: .*\n/g, ""), "not-an-answer"],
    ["data that is no JSON", `${start}event: ping\ndata: {"type": oops}\n\n`, "junk"],
    ["message_stop without a stop reason", start + messageStop, "truncated"],
  ])("fails before content on %s", (_what, text, failure) => {
    for (const size of [1, 7, 16_384]) {
      const { reader, text: out } = read(encode(text), size);
      expect(reader.state).toBe("failed");
      expect(reader.failure?.type).toBe(failure);
      expect(out).toBe("");
    }
  });

  it.each([
    ["an error event", event({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }), "error"],
    ["a line of HTML", "<html>\n\n", "junk"],
    ["an event whose data is cut", 'event: content_block_delta\ndata: {"type":"content_block_delta"\n\n', "junk"],
    ["an event whose data is no object", "event: ping\ndata: [1]\n\n", "junk"],
    ["the end of the body", "", "truncated"],
    ["half an event", 'event: content_block_delta\ndata: {"type":', "truncated"],
    ["message_stop without message_delta", messageStop, "junk"],
  ])("forwards what is whole and fails after content on %s", (_what, tail, failure) => {
    const good = start + textStart + delta("x");
    const reader = new NativeStreamReader();
    const first = reader.push(encode(good)) as Uint8Array;
    const rest = [reader.push(encode(delta("y") + tail)), reader.end()].filter((part) => part !== undefined);
    expect(decode(concatBytes([first, ...rest]))).toBe(good + delta("y"));
    expect(reader.state).toBe("failed");
    expect(reader.failure?.type).toBe(failure);
  });

  it("fails before content when content and the failure come in one read", () => {
    const { reader, text } = read(encode(`${start + textStart + delta("x")}<html>\n\n`), 16_384);
    expect(reader.state).toBe("failed");
    expect(text).toBe("");
  });

  it("bounds what it holds before content and within one event", () => {
    const limits = { maxEvents: 10, maxBytes: 5_000 };
    const many = new NativeStreamReader({ limits });
    many.push(encode(start));
    for (let count = 0; count < 10; count += 1) many.push(encode(ping));
    expect(many.failure?.type).toBe("too-large");
    const long = new NativeStreamReader({ limits });
    long.push(encode(start + textStart + delta("x")));
    for (let count = 0; count < 6; count += 1) long.push(encode("d".repeat(1_000)));
    expect(long.failure?.type).toBe("too-large");
  });

  it("gives the same bytes and the same state for every split of the same bytes, whole events only", () => {
    const part = fc.constantFrom(
      ping,
      textStart,
      delta("a"),
      delta("{\\n}"),
      stop,
      messageDelta,
      messageStop,
      ": c\n\n",
      "\n",
      "junk\n\n",
      "id: 5\nretry: 3\n\n",
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 }),
        fc.constantFrom("\n", "\r\n", "\r"),
        (parts, cuts, lineEnd) => {
          const bytes = encode((start + delta("x") + parts.join("")).replaceAll("\n", lineEnd));
          const reader = new NativeStreamReader();
          const out: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = cuts[turn % cuts.length] as number;
            const sent = reader.push(bytes.subarray(at, at + size));
            if (sent) out.push(sent);
            at += size;
          }
          const last = reader.end();
          if (last) out.push(last);
          const reference = read(bytes, bytes.length);
          const sent = decode(concatBytes(out));
          // Content and a failure in one read is a failure before content; in several reads the content has gone already.
          if (reference.reader.state !== "failed") expect(sent).toBe(reference.text);
          expect(reader.state).toBe(reference.reader.state);
          expect(reader.failure).toEqual(reference.reader.failure);
          expect(decode(bytes).startsWith(sent) || sent.endsWith("\n\n")).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

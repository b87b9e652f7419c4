import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChatStreamWatch } from "../../src/dialects/chat/stream-watch.ts";
import { PassThroughReader } from "../../src/dialects/pass-through.ts";
import { corpus } from "../fuzz/corpus.ts";

const writeError = () => ({ error: { message: "it broke" } });
const streams = corpus().filter(({ dialect, stream }) => dialect === "chat" && stream);

/** A watch that knows no frame, so that each event is looked at alone. */
class SlowWatch extends ChatStreamWatch {
  override get frame(): undefined {
    return undefined;
  }
}

interface Read {
  readonly out: string;
  readonly state: unknown;
}

function read(bytes: Uint8Array, sizes: readonly number[], watch: ChatStreamWatch, answerModel?: string): Read {
  const reader = new PassThroughReader(watch, { answerModel });
  const given: Uint8Array[] = [];
  const copies: string[] = [];
  const take = (part: Uint8Array | undefined): void => {
    if (part === undefined) return;
    given.push(part);
    copies.push(Buffer.from(part).toString("latin1"));
  };
  for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    take(reader.push(bytes.slice(from, from + size)));
    from += size;
  }
  take(reader.end());
  // What was given out is not written to afterwards, also where it shares a buffer with what came later.
  expect(given.map((part) => Buffer.from(part).toString("latin1"))).toEqual(copies);
  const { state, failure, usage, stopReason } = reader;
  return { out: copies.join(""), state: { state, failure, usage, stopReason } };
}

const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 200, max: 20_000 })), {
  minLength: 1,
  maxLength: 6,
});
const model = fc.constantFrom(undefined, "m", 'a "name"', "a-name-that-is-longer-than-that-of-the-provider-for-sure");

/** A stream whose chunks change their members, order, padding and numbers now and then, and hold any text. */
const madeUp = fc
  .array(
    fc.record({
      text: fc.string({ unit: "grapheme", maxLength: 12 }),
      member: fc.constantFrom("content", "content", "content", "content", "reasoning_content"),
      padding: fc.constantFrom("", "", "abc", "abcdefgh"),
      created: fc.constantFrom(1, 1, 1, 1, 2),
      index: fc.constantFrom(0, 0, 0, 0, 1),
      between: fc.constantFrom("", "", "", "", ": alive\n\n", "\n"),
    }),
    { maxLength: 30 },
  )
  .map((chunks) => {
    const lines = chunks.map(({ text, member, padding, created, index, between }) => {
      const choices = [{ index, delta: { [member]: text }, finish_reason: null }];
      const more = padding === "" ? {} : { obfuscation: padding };
      return `data: ${JSON.stringify({ id: "c", created, model: "provider-model", choices, ...more })}\n\n${between}`;
    });
    const finish = (index: number) =>
      `data: {"id":"c","model":"provider-model","choices":[{"index":${index},"delta":{},"finish_reason":"stop"}]}\n\n`;
    const text = `${lines.join("")}${finish(0)}${finish(1)}data: [DONE]\n\n`;
    // Each third stream holds bytes that are no UTF-8, where its text has other letters than those of ASCII.
    return new Uint8Array(Buffer.from(text, chunks.length % 3 === 0 ? "latin1" : "utf8"));
  });

describe("a stream of Chat Completions that passes through", () => {
  it("is the same with frames and without, for recordings in any splits", () => {
    expect(streams.length).toBeGreaterThan(1);
    fc.assert(
      fc.property(fc.constantFrom(...streams), sizes, model, ({ bytes }, split, name) => {
        const quick = read(bytes, split, new ChatStreamWatch(writeError), name);
        expect(quick).toEqual(read(bytes, split, new SlowWatch(writeError), name));
        if (name === undefined) {
          // What may be added is the end alone: a blank line, or `[DONE]`.
          const own = quick.out.replace(/\s*(?:data: \[DONE\]\s*)?$/, "");
          expect(Buffer.from(bytes).toString("latin1").slice(0, own.length)).toBe(own);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("is the same with frames and without, for chunks that change now and then", () => {
    fc.assert(
      fc.property(madeUp, sizes, model, (bytes, split, name) => {
        const quick = read(bytes, split, new ChatStreamWatch(writeError), name);
        expect(quick).toEqual(read(bytes, split, new SlowWatch(writeError), name));
      }),
      { numRuns: 600 },
    );
  });
});

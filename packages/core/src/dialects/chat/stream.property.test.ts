import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessageStreamEvent } from "../../protocol/anthropic.ts";
import { ChatStreamTranslator } from "./stream.ts";
import type { TranslationContext } from "../../conversation/context.ts";
import { MessageStreamChecker } from "../../conversation/answer/grammar.ts";
import { MessageAssembler } from "../../conversation/answer/message-assembler.ts";

const context: TranslationContext = {
  requestedModel: "claude-test",
  stream: true,
  toolNames: new Map(),
  stopSequences: [],
  localStopSequences: [],
  thinkTags: false,
  estimatedInputTokens: 0,
};

const delta = (members: object) => ({ id: "x", choices: [{ index: 0, delta: members, finish_reason: null }] });

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const json = fc.dictionary(fc.string({ maxLength: 5 }), fc.oneof(fc.string(), fc.integer(), fc.boolean()), {
  maxKeys: 3,
});

interface Words {
  readonly type: "text" | "thinking";
  readonly pieces: readonly string[];
}

interface Tools {
  readonly type: "tools";
  readonly calls: readonly { readonly name: string; readonly input: object }[];
}

/** One stretch of an answer, in order. */
type Part = Words | Tools;

const part: fc.Arbitrary<Part> = fc.oneof(
  fc.record({
    type: fc.constantFrom("text" as const, "thinking" as const),
    pieces: fc.array(word, { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    type: fc.constant("tools" as const),
    calls: fc.array(fc.record({ name: fc.constantFrom("f", "g", "h"), input: json }), { minLength: 1, maxLength: 3 }),
  }),
);

/** How a vendor writes tool calls. */
const style = fc.record({
  isIndexed: fc.boolean(),
  repeatsId: fc.boolean(),
  repeatsName: fc.boolean(),
  interleaves: fc.boolean(),
  pieceLength: fc.integer({ min: 1, max: 20 }),
  reasoningKey: fc.constantFrom("reasoning", "reasoning_content"),
});
type Style = typeof style extends fc.Arbitrary<infer Value> ? Value : never;

function chunksOf(parts: readonly Part[], vendor: Style): unknown[] {
  let index = -1;
  const chunks = parts.flatMap((one) => {
    if (one.type !== "tools") {
      return one.pieces.map((piece) =>
        delta(one.type === "text" ? { content: piece } : { [vendor.reasoningKey]: piece, content: "" }),
      );
    }
    const pieces = one.calls.map(({ name, input }) => {
      index += 1;
      return piecesOf({ name, args: JSON.stringify(input), index }, vendor);
    });
    // Only numbered calls can be told apart when their pieces are mixed.
    return vendor.interleaves && vendor.isIndexed ? mixed(pieces) : pieces.flat();
  });
  return [
    ...chunks,
    { choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: 3, completion_tokens: 4 } },
  ];
}

function piecesOf(
  call: { readonly name: string; readonly args: string; readonly index: number },
  vendor: Style,
): unknown[] {
  const { name, args, index } = call;
  const place = vendor.isIndexed ? { index } : {};
  const id = `call_${index}`;
  const again = {
    ...place,
    ...(vendor.repeatsId || !vendor.isIndexed ? { id } : {}),
  };
  const starts = Array.from(
    { length: Math.ceil(args.length / vendor.pieceLength) },
    (_, at) => at * vendor.pieceLength,
  );
  return [
    delta({ tool_calls: [{ ...place, id, type: "function", function: { name, arguments: "" } }] }),
    ...starts.map((start) =>
      delta({
        tool_calls: [
          {
            ...again,
            function: { ...(vendor.repeatsName && { name }), arguments: args.slice(start, start + vendor.pieceLength) },
          },
        ],
      }),
    ),
  ];
}

function mixed(lists: readonly unknown[][]): unknown[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) =>
    lists.flatMap((list) => (at < list.length ? [list[at]] : [])),
  ).flat();
}

/** What the answer is: neighbours of a kind are one block, white space alone is neither text nor thinking, and no thinking is last behind text. */
function expectedOf(parts: readonly Part[]): unknown[] {
  const blocks: [string, ...unknown[]][] = [];
  let blank = { text: "", thinking: "" };
  for (const one of parts) {
    if (one.type === "tools") {
      blank = { text: "", thinking: "" };
      for (const { name, input } of one.calls) blocks.push(["tool_use", name, JSON.parse(JSON.stringify(input))]);
      continue;
    }
    for (const piece of one.pieces) {
      const last = blocks.at(-1);
      if (last?.[0] === one.type) {
        last[1] = String(last[1]) + piece;
        if (one.type === "text") blank.thinking = "";
      } else if (piece.trim() === "") blank[one.type] += piece;
      else {
        blocks.push([one.type, blank[one.type] + piece]);
        blank = { text: "", thinking: "" };
      }
    }
  }
  const isLate = blocks.at(-1)?.[0] === "thinking" && blocks.at(-2)?.[0] === "text";
  return isLate ? blocks.slice(0, -1) : blocks;
}

const encoder = new TextEncoder();

function frame(chunks: readonly unknown[], newline = "\n"): Uint8Array {
  return encoder.encode(
    [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"]
      .map((data) => `data: ${data}${newline}${newline}`)
      .join(""),
  );
}

interface Run {
  readonly events: readonly MessageStreamEvent[];
  readonly translator: ChatStreamTranslator;
}

function run(bytes: Uint8Array, sizes: readonly number[]): Run {
  let count = 0;
  const translator = new ChatStreamTranslator(context, { generateId: (prefix) => `${prefix}${(count += 1)}` });
  const events: MessageStreamEvent[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    events.push(...translator.push(bytes.subarray(start, start + size)));
    start += size;
  }
  events.push(...translator.end(), ...translator.ending());
  return { events, translator };
}

/** Every promise that holds for any input at all. */
function expectLegal({ events, translator }: Run): void {
  const checker = new MessageStreamChecker();
  for (const event of events) checker.push(event);
  const problems = events.length === 0 ? [] : checker.end();
  expect(problems).toEqual([]);
  expect(["complete", "failed"]).toContain(translator.state);
  if (translator.state === "complete") expect(events.at(-1)?.type).toBe("message_stop");
  else if (events.length > 0) expect(events.at(-1)?.type).toBe("error");
}

const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
const answer = fc.tuple(fc.array(part, { maxLength: 6 }), style);

describe("a chat stream", () => {
  it("means the same in any vendor's style and any split", () => {
    fc.assert(
      fc.property(answer, sizes, fc.constantFrom("\n", "\r\n", "\r"), ([parts, vendor], split, newline) => {
        const result = run(frame(chunksOf(parts, vendor), newline), split);
        const checker = new MessageStreamChecker();
        const assembler = new MessageAssembler();
        for (const event of result.events) {
          checker.push(event);
          assembler.push(event);
        }
        expect(checker.end()).toEqual([]);
        const content = assembler.message()?.content.map((block) => {
          if (block.type === "text") return [block.type, block.text];
          if (block.type === "thinking") return [block.type, block.thinking];
          return block.type === "tool_use" ? [block.type, block.name, block.input] : [block.type];
        });
        expect(content).toEqual(expectedOf(parts));
        expect(result.translator.usage).toMatchObject({ inputTokens: 3, outputTokens: 4 });
      }),
      { numRuns: 250 },
    );
  });

  it("stays legal with chunks dropped, doubled and reordered", () => {
    const mutation = fc.array(fc.tuple(fc.constantFrom("drop", "double", "swap"), fc.nat(60)), { maxLength: 6 });
    fc.assert(
      fc.property(answer, mutation, sizes, ([parts, vendor], mutations, split) => {
        const chunks = chunksOf(parts, vendor);
        for (const [kind, place] of mutations) {
          const at = place % Math.max(1, chunks.length);
          if (kind === "drop") chunks.splice(at, 1);
          if (kind === "double") chunks.splice(at, 0, chunks[at]);
          if (kind === "swap") chunks.splice(at, 2, ...chunks.slice(at, at + 2).reverse());
        }
        expectLegal(run(frame(chunks), split));
      }),
      { numRuns: 250 },
    );
  });

  it("stays legal with bytes cut, corrupted, removed and inserted", () => {
    const mutation = fc.array(fc.tuple(fc.constantFrom("cut", "change", "remove", "insert"), fc.nat(), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(answer, mutation, sizes, ([parts, vendor], mutations, split) => {
        let bytes = [...frame(chunksOf(parts, vendor))];
        for (const [kind, place, value] of mutations) {
          const at = place % Math.max(1, bytes.length);
          if (kind === "cut") bytes = bytes.slice(0, at);
          if (kind === "change") bytes[at] = value;
          if (kind === "remove") bytes.splice(at, 1 + (value % 30));
          if (kind === "insert") bytes.splice(at, 0, value);
        }
        expectLegal(run(new Uint8Array(bytes), split));
      }),
      { numRuns: 250 },
    );
  });

  it("stays legal for any JSON in any place of a chunk", () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const members = fc.dictionary(
      fc.constantFrom(
        "content",
        "reasoning",
        "reasoning_content",
        "reasoning_details",
        "tool_calls",
        "function_call",
        "refusal",
        "audio",
        "images",
      ),
      anything,
    );
    const call = fc.record(
      {
        index: anything,
        id: anything,
        function: fc.oneof(anything, fc.record({ name: anything, arguments: anything })),
      },
      { requiredKeys: [] },
    );
    const odd = fc.oneof(
      anything,
      fc.record({ id: anything, choices: anything, usage: anything, error: anything }, { requiredKeys: [] }),
      fc.record({
        choices: fc.tuple(
          fc.record(
            { index: anything, delta: anything, message: anything, finish_reason: anything },
            { requiredKeys: [] },
          ),
        ),
      }),
      fc.record({ choices: fc.tuple(fc.record({ delta: members })) }),
      fc.record({
        choices: fc.tuple(fc.record({ delta: fc.record({ tool_calls: fc.array(call, { maxLength: 3 }) }) })),
      }),
    );
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 8 }), answer, sizes, (chunks, [parts, vendor], split) => {
        expectLegal(run(frame([...chunks, ...chunksOf(parts, vendor)]), split));
        expectLegal(run(encoder.encode(JSON.stringify(chunks[0] ?? null)), split));
      }),
      { numRuns: 250 },
    );
  });

  it("stays legal for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), sizes, (bytes, split) => {
        expectLegal(run(bytes, split));
      }),
      { numRuns: 300 },
    );
  });
});

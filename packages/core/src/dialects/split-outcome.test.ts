import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type PassingAnswer, passingReader } from "../../test/passing-reader.ts";

// However the bytes of an answer are split, a reader judges them in the same way: whole or broken, for the same reason, with the same counts and text.

const numRuns = Number(process.env["CCPB_FUZZ_CASES"] ?? 300);
const encoder = new TextEncoder();
function outcome(asked: PassingAnswer, reads: readonly Uint8Array[]): object {
  const reader = passingReader(asked, (prefix) => `${prefix}_1`);
  const parts = reads.map((bytes) => reader.push(bytes) ?? new Uint8Array());
  parts.push(reader.end() ?? new Uint8Array());
  const { state, failure, usage, stopReason } = reader;
  // The bytes of a broken stream are those that came before the read with the fault.
  return { state, failure, usage, stopReason, text: state === "complete" && Buffer.concat(parts).toString() };
}

function splitAt(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const cuts = [0, ...places.filter((place) => place < bytes.length), bytes.length];
  return cuts.slice(1).map((end, index) => bytes.slice(cuts[index], end));
}

function expectOneOutcome(asked: PassingAnswer, text: string, places: readonly number[] = []): void {
  const bytes = encoder.encode(text);
  const whole = outcome(asked, [bytes]);
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
  expect(outcome(asked, single)).toEqual(whole);
  expect(outcome(asked, splitAt(bytes, places))).toEqual(whole);
}

const data = (value: object | string): string =>
  `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
const chunk = (delta: object, finish: string | null = null, index = 0): string =>
  data({ id: "c", model: "upstream", choices: [{ index, delta, finish_reason: finish }] });
const call = (index: number, args: string): string => chunk({ tool_calls: [{ index, function: { arguments: args } }] });
const lateIndex = (index: number, args: string): string =>
  chunk({ tool_calls: [{ function: { arguments: args }, index }] });
const broken = (event: string): string => event.replace('"arguments":"', '"arguments":"\\e');
const usage = data({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } });
const done = data("[DONE]");

const chatPieces = [
  chunk({ role: "assistant", content: "" }),
  chunk({ content: "Hello" }),
  chunk({ content: "Grüße 👋" }),
  chunk({ content: "Hello" }).replace("Hello", "\\x"),
  chunk({ content: "late" }, null, 1),
  call(0, "{}"),
  call(1, '{"a":'),
  call(1, "1}"),
  broken(call(1, "")),
  lateIndex(1, '{"a":'),
  lateIndex(2, "1}"),
  broken(lateIndex(1, "")),
  data({ model: "upstream", choices: [{ index: 0, delta: { content: "a" } }], other: { model: "x" } }).replace(
    '"other":{',
    '"model":{',
  ),
  chunk({}, "stop"),
  chunk({}, "length", 1),
  usage,
  done,
  data({ error: { message: "Overloaded", code: 529 } }),
  data('{"cut'),
  data("oops"),
  ": alive\n\n",
  "oh junk\n\n",
  'oh junk\nerror: {"error":{"message":"Slow down"}}\n\n',
  '{"error":{"message":"Slow down"}}\ndata: {}\n\n',
  "<html>\n<title>Bad gateway</title>\n\n",
  "event: error\ndata: gone\n\n",
  "\r",
  "\n",
  "\n\n",
  " ",
  "data: ",
  "\ufeff",
];
const event = (type: string, value: object): string => `event: ${type}\n${data({ type, ...value })}`;
const response = { id: "resp_1", object: "response", model: "upstream", status: "in_progress", output: [] };
const item = { id: "msg_1", type: "message", role: "assistant", content: [] };
const full = { ...item, content: [{ type: "output_text", text: "Hello", annotations: [] }] };
const counts = { input_tokens: 5, output_tokens: 2, total_tokens: 7 };
const responsesPieces = [
  event("response.created", { response }),
  event("response.output_item.added", { output_index: 0, item }),
  event("response.output_text.delta", { item_id: "msg_1", output_index: 0, content_index: 0, delta: "Hello" }),
  event("response.output_item.done", { output_index: 0, item: full }),
  event("response.completed", { response: { ...response, status: "completed", output: [full], usage: counts } }),
  event("response.incomplete", { response: { ...response, status: "incomplete", output: [full] } }),
  event("response.failed", { response: { ...response, status: "failed", error: { message: "Slow down" } } }),
  event("error", { code: "server_error", message: "Slow down" }),
  data('{"type":"response.completed"'),
  ...chatPieces.slice(chatPieces.indexOf(done)),
];

const dialects = [
  ["chat", chatPieces, chunk({ content: "Hi" })],
  ["responses", responsesPieces, responsesPieces.slice(0, 3).join("")],
] as const;

describe.each(dialects)("an answer of %s is judged alike in every split", (dialect, pieces, start) => {
  const anySplit = fc
    .array(fc.nat({ max: 3_000 }), { maxLength: 12 })
    .map((places) => places.toSorted((a, b) => a - b));
  const asked = fc.record({
    dialect: fc.constant(dialect),
    stream: fc.boolean(),
    answerModel: fc.constantFrom(undefined, "asked"),
  });

  const lineEnd = fc.constantFrom("\n", "\n", "\r\n", "\r");

  it("of any pieces, with any line ends", () => {
    const all = fc.array(fc.constantFrom(...pieces), { maxLength: 12 });
    const text = fc
      .tuple(fc.constantFrom("", start), all, lineEnd)
      .map(([before, parts, end]) => (before + parts.join("")).replaceAll("\n", end));
    fc.assert(
      fc.property(asked, text, anySplit, (one, whole, places) => expectOneOutcome(one, whole, places)),
      { numRuns },
    );
  });

  it("where the same few pieces come again and again, as in a stream that has a frame", () => {
    const few = fc
      .tuple(fc.constantFrom(...pieces), fc.constantFrom(...pieces), fc.constantFrom(...pieces))
      .chain((kinds) => fc.array(fc.constantFrom(...kinds), { minLength: 4, maxLength: 12 }));
    fc.assert(
      fc.property(asked, few, anySplit, (one, all, places) => expectOneOutcome(one, start + all.join(""), places)),
      { numRuns },
    );
  });
});

describe("a chat stream", () => {
  const named = { index: 0, id: "call_1", function: { name: "edit", arguments: "{}" } };
  const begin = chunk({ content: "Hi" }) + chunk({ tool_calls: [named] });
  const asked: PassingAnswer = { dialect: "chat", stream: true, answerModel: undefined };

  it.each([
    ["of a second call that is no JSON", call(1, "x") + call(1, "y") + broken(call(1, ""))],
    ["of one whose index stands last", lateIndex(1, "x") + lateIndex(1, "y") + broken(lateIndex(1, ""))],
  ])("%s has one outcome, with and without a name", (_name, calls) => {
    const text = begin + calls + chunk({}, "stop") + done;
    for (const answerModel of [undefined, "asked"]) expectOneOutcome({ ...asked, answerModel }, text);
    const states = [undefined, "asked"].map((answerModel) =>
      outcome({ ...asked, answerModel }, [encoder.encode(text)]),
    );
    expect(states[0]).toMatchObject({ state: (states[1] as { readonly state: string }).state });
  });

  it.each([
    ["junk", "oh junk\n\n"],
    ["data that is no JSON", data('{"cut')],
    ["an error", data({ error: { message: "Overloaded" } })],
  ])("that was asked for whole, with %s behind its finish reason, ends there", (_name, fault) => {
    const text = begin + chunk({}, "stop") + fault + chunk({ content: "late" }) + usage + done;
    expectOneOutcome({ ...asked, stream: false }, text);
    expect(outcome({ ...asked, stream: false }, [encoder.encode(text)])).toMatchObject({ state: "complete" });
    expect(JSON.stringify(outcome({ ...asked, stream: false }, [encoder.encode(text)]))).not.toContain("late");
  });
});

it("white space in front of an answer is judged by its length alone", () => {
  const whole = JSON.stringify({
    choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
  });
  for (const length of [65_535, 65_536, 65_537]) {
    const bytes = encoder.encode(" ".repeat(length) + whole);
    const asked: PassingAnswer = { dialect: "chat", stream: true, answerModel: undefined };
    const { state } = outcome(asked, [bytes]) as { readonly state: string };
    expect(state).toBe(length < 65_536 ? "complete" : "failed");
    for (const place of [1, 65_535, 65_536, 65_537, 65_538]) {
      expect(outcome(asked, splitAt(bytes, [place]))).toMatchObject({ state });
    }
  }
});

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessageStreamEvent } from "../../protocol/anthropic.ts";
import type { TranslationContext } from "../../conversation/context.ts";
import { MessageStreamChecker } from "../../conversation/answer/grammar.ts";
import { MessageAssembler } from "../../conversation/answer/message-assembler.ts";
import { fromResponse } from "./response.ts";
import { ResponsesStreamTranslator } from "./stream.ts";

type Json = Record<string, unknown>;

const context: TranslationContext = {
  requestedModel: "claude-test",
  stream: true,
  toolNames: new Map(),
  stopSequences: [],
  localStopSequences: [],
  thinkTags: false,
  estimatedInputTokens: 0,
  serverTools: new Set(["web_search"]),
};

function run(text: string, cuts: readonly number[] = [], changes: Partial<TranslationContext> = {}) {
  const bytes = new TextEncoder().encode(text);
  let count = 0;
  const translator = new ResponsesStreamTranslator(
    { ...context, ...changes },
    { generateId: (prefix) => `${prefix}${(count += 1)}` },
  );
  const events: MessageStreamEvent[] = [];
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  for (let index = 1; index < places.length; index += 1) {
    events.push(...translator.push(bytes.subarray(places[index - 1], places[index])));
  }
  events.push(...translator.end(), ...translator.ending());
  const checker = new MessageStreamChecker();
  const assembler = new MessageAssembler();
  for (const event of events) {
    checker.push(event);
    assembler.push(event);
  }
  return { translator, events, message: assembler.message(), problems: events.length === 0 ? [] : checker.end() };
}

const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 30 });
const parts = fc.array(text, { minLength: 1, maxLength: 3 });

const item: fc.Arbitrary<Json> = fc.oneof(
  fc.record({
    type: fc.constant("message"),
    phase: fc.constantFrom("commentary", "final_answer", undefined),
    content: parts.map((texts) => texts.map((one) => ({ type: "output_text", text: one }))),
  }),
  fc.record({
    type: fc.constant("reasoning"),
    encrypted_content: fc.constantFrom("gAAAA-secret", null, undefined),
    summary: fc.oneof(
      fc.constant([]),
      parts.map((texts) => texts.map((one) => ({ type: "summary_text", text: one }))),
    ),
  }),
  fc.record({
    type: fc.constant("reasoning"),
    summary: fc.constant([]),
    content: parts.map((texts) => texts.map((one) => ({ type: "reasoning_text", text: one }))),
  }),
  fc.record({
    type: fc.constant("function_call"),
    name: fc.constantFrom("get", "put"),
    arguments: fc
      .dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }))
      .map((input) => JSON.stringify(input)),
  }),
  fc.record({
    type: fc.constant("web_search_call"),
    action: fc.record({
      type: fc.constant("search"),
      query: text,
      sources: fc.constant([{ type: "url", url: "https://a" }]),
    }),
  }),
  fc.record({
    type: fc.constantFrom("custom_tool_call", "mcp_call", "compaction", "hologram"),
    name: fc.constant("x"),
  }),
);

const items = fc.array(item, { minLength: 1, maxLength: 5 }).map((all) =>
  all.map((one, index): Json => ({
    ...one,
    id: `item_${index}`,
    ...(one["type"] === "function_call" && { call_id: `call_${index}` }),
  })),
);

/** How a vendor tells its items apart, and what of them it leaves out. */
const style = fc.record({
  names: fc.constantFrom("index", "id", "index and id", "index and another id each time"),
  omits: fc.constantFrom("nothing", "pieces", "wholes", "part ends"),
  lineEnd: fc.constantFrom("\n", "\r\n", "\r"),
  lastHasOutput: fc.boolean(),
});

interface Style {
  readonly names: string;
  readonly omits: string;
  readonly lineEnd: string;
  readonly lastHasOutput: boolean;
}

const usage = { input_tokens: 10, output_tokens: 5, input_tokens_details: { cached_tokens: 4 } };

function eventsOf(all: readonly Json[], { names, omits, lastHasOutput }: Style): Json[] {
  const events: Json[] = [{ type: "response.created", response: { id: "resp_1", status: "in_progress", output: [] } }];
  let count = 0;
  for (const [index, whole] of all.entries()) {
    const id = () => (names.includes("another") ? `rotated_${(count += 1)}` : whole["id"]);
    const place = () => ({
      ...(names.includes("index") && { output_index: index }),
      ...(names.includes("id") && { item_id: id() }),
    });
    const { content, summary, arguments: args, encrypted_content: _encrypted, action: _action, ...begun } = whole;
    events.push({ type: "response.output_item.added", ...place(), item: { ...begun, id: id() } });
    if (omits !== "pieces") {
      for (const [key, list] of Object.entries({ content, summary })) {
        for (const [part, { text: said }] of ((list ?? []) as { text: string }[]).entries()) {
          const kind =
            key === "summary"
              ? "reasoning_summary_text"
              : whole["type"] === "reasoning"
                ? "reasoning_text"
                : "output_text";
          const at = key === "summary" ? { summary_index: part } : { content_index: part };
          for (const piece of said.match(/.{1,4}/gsu) ?? []) {
            events.push({ type: `response.${kind}.delta`, ...place(), ...at, delta: piece });
          }
          if (omits !== "part ends") events.push({ type: `response.${kind}.done`, ...place(), ...at, text: said });
        }
      }
      for (const piece of typeof args === "string" ? (args.match(/.{1,4}/gsu) ?? []) : []) {
        events.push({ type: "response.function_call_arguments.delta", ...place(), delta: piece });
      }
    }
    if (typeof args === "string" && omits !== "part ends") {
      events.push({ type: "response.function_call_arguments.done", ...place(), arguments: args });
    }
    // What nobody says piece by piece is only in the whole.
    if (omits !== "wholes")
      events.push({ type: "response.output_item.done", ...place(), item: { ...whole, id: id() } });
  }
  const isNeeded = lastHasOutput || omits === "wholes";
  events.push({
    type: "response.completed",
    response: { id: "resp_1", status: "completed", output: isNeeded ? all : [], usage },
  });
  return events;
}

function frame(events: readonly Json[], lineEnd = "\n"): string {
  return events
    .map((event) => {
      const { type } = event;
      const name = typeof type === "string" && !/[\r\n]/.test(type) ? `event: ${type}${lineEnd}` : "";
      return `${name}data: ${JSON.stringify(event)}${lineEnd}${lineEnd}`;
    })
    .join("");
}

const cuts = fc.array(fc.nat(), { maxLength: 20 });

/** What a client sees of a message, adjoining texts as one. */
function shown(message: ReturnType<typeof run>["message"]): unknown {
  const seen: unknown[][] = [];
  for (const block of message?.content ?? []) {
    if (block.type === "tool_use") seen.push(["tool", block.id, block.name, block.input]);
    else if (block.type === "text") {
      const last = seen.at(-1);
      if (last?.[0] === "text") last[1] = String(last[1]) + block.text;
      else seen.push(["text", block.text]);
    } else if (block.type === "thinking") {
      if (block.thinking !== "") seen.push(["thinking", block.thinking]);
    } else seen.push([block.type]);
  }
  return { seen, stop: message?.stop_reason, usage: message?.usage };
}

describe("a Responses stream", () => {
  it("means the same in any vendor's style and any split, and the same as the answer that is no stream", () => {
    fc.assert(
      fc.property(items, style, cuts, (all, how, where) => {
        const { message, problems, translator } = run(frame(eventsOf(all, how), how.lineEnd), where);
        expect(problems).toEqual([]);
        expect(translator.state).toBe("complete");
        const whole = fromResponse({ id: "resp_1", status: "completed", output: all, usage }, context, {
          generateId: (prefix) => `${prefix}1`,
        });
        // What was left out of the stream's pieces can come only at its end.
        if (how.omits !== "wholes") expect(shown(message)).toEqual(shown(whole.message));
        else expect(message?.stop_reason).toBe(whole.message.stop_reason);
      }),
      { numRuns: 400 },
    );
  });

  it("stays legal with events dropped, doubled and reordered, and is never whole without its last", () => {
    const mangle = fc.array(fc.record({ at: fc.nat(), how: fc.constantFrom("drop", "double", "swap", "move") }), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(items, style, mangle, (all, how, changes) => {
        const events = eventsOf(all, how);
        for (const change of changes) {
          const at = change.at % events.length;
          const event = events[at];
          if (event === undefined) break;
          if (change.how === "drop") events.splice(at, 1);
          else if (change.how === "double") events.splice(at, 0, event);
          else if (change.how === "swap") events.splice(at, 2, ...events.slice(at, at + 2).toReversed());
          else events.splice((at * 7) % events.length, 0, ...events.splice(at, 1));
        }
        const { events: out, problems, translator } = run(frame(events));
        expect(problems).toEqual([]);
        const isWhole = events.some(({ type }) => type === "response.completed");
        // Doubled and lost pieces of arguments cannot be put right: they break the answer.
        const isBroken = translator.failure?.type === "junk" && translator.failure.detail.includes("tool call");
        expect(translator.state).toBe(isWhole && !isBroken ? "complete" : "failed");
        if (translator.state === "failed") expect(out.some(({ type }) => type === "message_stop")).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it("stays legal with any JSON in any place of an event", () => {
    const place = fc.record({ at: fc.nat(), key: fc.nat(), value: fc.jsonValue({ maxDepth: 2 }) });
    fc.assert(
      fc.property(items, style, fc.array(place, { minLength: 1, maxLength: 6 }), (all, how, places) => {
        const events = eventsOf(all, how).map((event) => structuredClone(event));
        for (const { at, key, value } of places) {
          const event = events[at % events.length] ?? {};
          const holders = [event, event["item"], event["response"]].filter(
            (holder): holder is Json => typeof holder === "object" && holder !== null && !Array.isArray(holder),
          );
          const holder = holders[key % holders.length] ?? {};
          const keys = Object.keys(holder);
          const name = keys[key % Math.max(1, keys.length)] ?? "x";
          holder[name] = value;
        }
        const { problems } = run(frame(events));
        expect(problems).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it("shows the items in their order where their pieces come in turns", () => {
    fc.assert(
      fc.property(items, fc.infiniteStream(fc.nat()), (all, choice) => {
        const how: Style = { names: "index", omits: "part ends", lineEnd: "\n", lastHasOutput: true };
        const [created, ...events] = eventsOf(all, how);
        const last = events.pop();
        const lanes = all.map((_one, index) => events.filter((event) => event["output_index"] === index));
        // Announced in order; what follows of each is mixed.
        const mixed = lanes.flatMap((lane) => lane.splice(0, 1));
        const choices = choice[Symbol.iterator]();
        while (lanes.some((lane) => lane.length > 0)) {
          const open = lanes.filter((lane) => lane.length > 0);
          mixed.push(...(open[choices.next().value % open.length] ?? []).splice(0, 1));
        }
        const { message, problems } = run(frame([created ?? {}, ...mixed, last ?? {}]));
        expect(problems).toEqual([]);
        const known = all.filter(({ type }) => type === "message" || type === "function_call");
        const order = (message?.content ?? []).flatMap((block) =>
          block.type === "text" ? [block.text] : block.type === "tool_use" ? [block.id] : [],
        );
        const wanted = known.flatMap((one) =>
          one["type"] === "message"
            ? (one["content"] as { text: string }[]).map((part) => part.text).filter((said) => /\S/.test(said))
            : [one["call_id"]],
        );
        expect(order).toEqual(wanted);
      }),
      { numRuns: 200 },
    );
  });
});

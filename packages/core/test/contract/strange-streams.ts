import { SseDecoder } from "../../src/sse/decode.ts";
import type { FuzzBody, FuzzDialect } from "../fuzz/corpus.ts";

/** A JSON object. */
export type Json = Record<string, unknown>;

/** One event of a provider's stream: its name, and its data parsed, or as text where that is no JSON (`[DONE]`). */
export interface ProviderEvent {
  readonly name?: string | undefined;
  readonly data: Json | string;
}

/** Puts something into a stream that no API has today. Returns `undefined` where the stream has no place for it. */
export type Strange = (events: readonly ProviderEvent[]) => readonly ProviderEvent[] | undefined;

// A tool's input holds the caller's names; reasoning details go back to their provider as they came.
const ownNames = new Set(["input", "metadata", "reasoning_details"]);
const strangeMember = { hologram: { type: "hologram", list: [1, "two", { three: null }] } };

/** Returns the events of a stream, or `undefined` where one of them is neither a JSON object nor `[DONE]`. */
export function eventsOf({ bytes }: FuzzBody): readonly ProviderEvent[] | undefined {
  const decoder = new SseDecoder();
  const events: ProviderEvent[] = [];
  for (const item of [...decoder.push(bytes), ...decoder.end()]) {
    if (item.type !== "event") continue;
    const data = objectOf(item.data);
    if (data === undefined && item.data !== "[DONE]") return undefined;
    events.push({ name: item.event, data: data ?? item.data });
  }
  return events;
}

/** Returns the bytes of a stream. */
export function bytesOf(events: readonly ProviderEvent[]): Uint8Array {
  const text = events.map(({ name, data }) => {
    const line = typeof data === "string" ? data : JSON.stringify(data);
    return `${name === undefined || name === "message" ? "" : `event: ${name}\n`}data: ${line}\n\n`;
  });
  return new TextEncoder().encode(text.join(""));
}

function objectOf(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value is a JSON object. */
export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Returns a copy with a member that no API has in each object, but for those that hold names of a caller or of a provider. */
export function withMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withMembers);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, ownNames.has(key) ? one : withMembers(one)]);
  return { ...Object.fromEntries(entries), ...strangeMember };
}

const each =
  (change: (data: Json) => Json): Strange =>
  (events) =>
    events.map((event) => (typeof event.data === "string" ? event : { ...event, data: change(event.data) }));

/** Puts an event before each of the stream's, the first and `[DONE]` left out. */
const between =
  (make: (at: number) => ProviderEvent): Strange =>
  (events) =>
    events.flatMap((event, at) => (at === 0 || typeof event.data === "string" ? [event] : [make(at), event]));

const indexed = (data: Json, key: string, from: number): Json => {
  const index = data[key];
  return typeof index === "number" && index >= from ? { ...data, [key]: index + 1 } : data;
};

/** Puts events where `isPlace` first holds and counts the places from `indexOf` on up by one. */
function inserted(
  events: readonly ProviderEvent[],
  isPlace: (data: Json) => boolean,
  make: (index: number) => readonly ProviderEvent[],
  key: string,
): readonly ProviderEvent[] | undefined {
  const at = events.findIndex(({ data }) => typeof data !== "string" && isPlace(data));
  const place = events[at]?.data;
  if (!isObject(place)) return undefined;
  const index = place[key];
  if (typeof index !== "number") return undefined;
  const rest = events.slice(at).map(({ name, data }) => ({
    name,
    data: typeof data === "string" ? data : indexed(data, key, index),
  }));
  return [...events.slice(0, at), ...make(index), ...rest];
}

const named = (data: Json): ProviderEvent => ({ name: String(data["type"]), data });

const messages: Readonly<Record<string, Strange>> = {
  "events between all others": between((index) => named({ type: "hologram", index, text: "no" })),
  "members of every object": each((data) => withMembers(data) as Json),
  "a block before the first one": (events) =>
    inserted(events, ({ type }) => type === "content_block_start", strangeBlock, "index"),
  "a block after the first one": (events) =>
    inserted(
      events,
      ({ type, index }) => type === "content_block_start" && typeof index === "number" && index > 0,
      strangeBlock,
      "index",
    ),
  "a kind of delta before each delta of a block": (events) =>
    events.flatMap((event) => {
      const { data } = event;
      if (typeof data === "string" || data["type"] !== "content_block_delta") return [event];
      return [named({ ...data, delta: { type: "hologram_delta", hologram: "no" } }), event];
    }),
};

function strangeBlock(index: number): readonly ProviderEvent[] {
  const delta = { type: "hologram_delta", hologram: "no", partial_hologram: "{" };
  return [
    named({
      type: "content_block_start",
      index,
      content_block: { type: "hologram", id: "h_1", content: [{ type: "hologram" }] },
    }),
    named({ type: "content_block_delta", index, delta }),
    named({ type: "content_block_delta", index, delta }),
    named({ type: "content_block_stop", index }),
  ];
}

const firstChoice = (data: Json): Json | undefined => {
  const { choices } = data;
  return Array.isArray(choices) && isObject(choices[0]) ? choices[0] : undefined;
};

const chat: Readonly<Record<string, Strange>> = {
  "chunks between all others": between((at) => ({
    data: { id: "chatcmpl-h", object: "chat.completion.hologram", hologram: { text: `no ${at}` } },
  })),
  "chunks without a choice": between(() => ({
    data: { id: "chatcmpl-h", object: "chat.completion.chunk", choices: [], hologram: "no" },
  })),
  "named events": between(() => ({ name: "hologram", data: { type: "hologram", text: "no" } })),
  "members of every object": each((data) => withMembers(data) as Json),
  "a member of delta in chunks of its own": (events) =>
    events.flatMap((event) => {
      const { data } = event;
      const choice = typeof data === "string" ? undefined : firstChoice(data);
      if (typeof data === "string" || choice === undefined || choice["finish_reason"]) return [event];
      const { usage: _usage, ...rest } = data;
      return [
        event,
        { ...event, data: { ...rest, choices: [{ index: 0, delta: { hologram: "no" }, finish_reason: null }] } },
      ];
    }),
};

const responses: Readonly<Record<string, Strange>> = {
  "events between all others": between((at) =>
    named({ type: "response.hologram.delta", output_index: 0, item_id: "h_1", delta: "no", sequence_number: at }),
  ),
  "events of no response": between(() => named({ type: "hologram", delta: "no", text: "no" })),
  "members of every object": each((data) => withMembers(data) as Json),
  "an item before the first one": (events) => withItem(events, 0),
  "an item between two": (events) => {
    // Reasoning can go back only together with the item that follows it, so an unknown one there costs its signature.
    const place = events.find(
      ({ data }) =>
        typeof data !== "string" &&
        data["type"] === "response.output_item.done" &&
        isObject(data["item"]) &&
        data["item"]["type"] !== "reasoning",
    );
    const index = (place?.data as Json | undefined)?.["output_index"];
    return typeof index === "number" ? withItem(events, index + 1) : undefined;
  },
  "a part of an item's own events": (events) =>
    events.flatMap((event) => {
      const { data } = event;
      if (typeof data === "string" || data["type"] !== "response.output_text.delta") return [event];
      const { delta: _delta, ...place } = data;
      const part = { type: "hologram", hologram: "no" };
      return [
        named({ ...place, type: "response.content_part.added", content_index: 7, part }),
        named({ ...place, type: "response.output_hologram.delta", content_index: 7, delta: "no" }),
        named({ ...place, type: "response.content_part.done", content_index: 7, part }),
        event,
      ];
    }),
};

/** An item of an unknown type with events of its own, also in the output of the last event. */
function withItem(events: readonly ProviderEvent[], from: number): readonly ProviderEvent[] | undefined {
  const item = { type: "hologram_call", id: "h_1", status: "completed", hologram: { text: "no" } };
  const found = inserted(
    events,
    ({ type, output_index: index }) =>
      type === "response.output_item.added" && typeof index === "number" && index >= from,
    (index) => {
      const place = { output_index: index, item_id: "h_1" };
      return [
        named({ type: "response.output_item.added", output_index: index, item: { ...item, status: "in_progress" } }),
        named({ type: "response.hologram_call.in_progress", ...place }),
        named({ type: "response.hologram_call.delta", ...place, delta: "no" }),
        named({ type: "response.output_item.done", output_index: index, item }),
      ];
    },
    "output_index",
  );
  return found?.map((event) => {
    const { data } = event;
    const response = typeof data === "string" ? undefined : data["response"];
    if (typeof data === "string" || !isObject(response)) return event;
    const output = response["output"];
    if (!Array.isArray(output) || output.length < from) return event;
    return { ...event, data: { ...data, response: { ...response, output: output.toSpliced(from, 0, item) } } };
  });
}

/** What is put into a stream of each API. */
export const strangeThings: Readonly<Record<FuzzDialect, Readonly<Record<string, Strange>>>> = {
  native: messages,
  chat,
  responses,
};

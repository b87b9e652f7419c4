import type { Answer, AnswerBlock } from "./answer.ts";
import type { Behaviour, ErrorText, HttpBehaviour, Place, Stop, WireBehaviour } from "./behaviour.ts";

/** A tool call without its id. */
export interface ToolCall {
  readonly name: string;
  readonly input: unknown;
  readonly id?: string;
}

/** Returns a healthy answer, streamed if the request asks for it. */
export function answer(blocks: readonly AnswerBlock[], options: Omit<Answer, "blocks"> = {}): HttpBehaviour {
  return { type: "http", payload: { type: "answer", answer: { ...options, blocks } } };
}

/** Returns a healthy answer of one text. */
export function text(words: string, options: Omit<Answer, "blocks"> = {}): HttpBehaviour {
  return answer([{ type: "text", text: words }], options);
}

/** Thinking, then text. */
export function thinking(thought: string, words: string, options: Omit<Answer, "blocks"> = {}): HttpBehaviour {
  return answer(
    [
      { type: "thinking", thinking: thought },
      { type: "text", text: words },
    ],
    options,
  );
}

/** Returns one or more tool calls, in parallel. */
export function tools(...calls: readonly ToolCall[]): HttpBehaviour {
  return answer(calls.map((call) => ({ type: "tool", ...call })));
}

/** Returns a whole answer that says nothing: it ends in order, with a stop reason. */
export function emptyAnswer(): HttpBehaviour {
  return answer([]);
}

/** Returns an error with a status, in the dialect's shape. */
export function refuse(
  status: number,
  error: Partial<ErrorText> = {},
  headers: NonNullable<HttpBehaviour["headers"]> = {},
): HttpBehaviour {
  const message = error.message ?? `the fake upstream answers ${status}`;
  return { type: "http", status, headers, payload: { type: "error", error: { ...error, message } } };
}

/** Any body with any status; its content type is JSON unless said otherwise, absent with null. */
export function body(
  content: string | Uint8Array,
  options: Omit<HttpBehaviour, "type" | "payload"> & { readonly contentType?: string | null } = {},
): HttpBehaviour {
  const { contentType, ...rest } = options;
  return {
    ...rest,
    type: "http",
    payload: { type: "body", body: content, ...(contentType === undefined ? {} : { contentType }) },
  };
}

/** Server-sent events as they stand, each with its blank line. */
export function frames(...events: readonly string[]): HttpBehaviour {
  return { type: "http", payload: { type: "frames", frames: events } };
}

/** No byte of a response: the connection is closed (`reset` is RST, `fin` orderly), or nothing ever comes (`stall`). */
export function drop(by: "reset" | "fin" | "stall", delayMs = 0): WireBehaviour {
  return {
    type: "wire",
    steps: [
      { type: "wait", ms: delayMs },
      { type: "end", by },
    ],
  };
}

/** Returns the same behaviour, ending before its time. */
export function cut(behaviour: HttpBehaviour, at: Place, by: Stop["by"] = "reset"): HttpBehaviour {
  return { ...behaviour, stop: { at, by } };
}

/** Returns the same behaviour, falling silent with the connection open; with `heartbeat`, nothing but that text comes. */
export function stall(behaviour: HttpBehaviour, at: Place, heartbeat?: Stop["heartbeat"]): HttpBehaviour {
  return { ...behaviour, stop: { at, by: "stall", ...(heartbeat ? { heartbeat } : {}) } };
}

/** Returns the same behaviour with a pause before each write; `size` as in `Delivery`. */
export function paced(
  behaviour: HttpBehaviour,
  everyMs: number,
  size?: NonNullable<HttpBehaviour["delivery"]>["size"],
): HttpBehaviour {
  return { ...behaviour, delivery: { everyMs, ...(size === undefined ? {} : { size }) } };
}

/** Returns the same behaviour cut into writes of so many bytes, one write, or writes that split characters. */
export function sized(
  behaviour: HttpBehaviour,
  size: NonNullable<NonNullable<HttpBehaviour["delivery"]>["size"]>,
): HttpBehaviour {
  return { ...behaviour, delivery: { ...behaviour.delivery, size } };
}

/** Returns the same behaviour with an error sent within the stream, after which the stream ends (`by`) without its proper end. */
export function errorWithin(
  behaviour: HttpBehaviour,
  at: Place,
  error: ErrorText = { message: "Overloaded" },
  by: Stop["by"] = "end",
): HttpBehaviour {
  return { ...behaviour, inserts: [...(behaviour.inserts ?? []), { at, error }], stop: { at, by } };
}

/** Returns the same behaviour with text put into its body. */
export function inserted(behaviour: HttpBehaviour, at: Place, words: string | Uint8Array): HttpBehaviour {
  return { ...behaviour, inserts: [...(behaviour.inserts ?? []), { at, text: words }] };
}

/** Returns an answer that begins and then only pings, for ever. */
export function pingsOnly(everyMs: number): Behaviour {
  return stall(text("never said"), "start", { text: 'event: ping\ndata: {"type": "ping"}\n\n', everyMs });
}

/** Returns an answer that begins and then sends only comments, for ever (what OpenRouter does while it waits). */
export function commentsOnly(everyMs: number): Behaviour {
  return stall(text("never said"), "start", { text: ": OPENROUTER PROCESSING\n\n", everyMs });
}

/** Bytes on the socket with no HTTP made around them; then the connection ends as `by` says. */
export function raw(bytes: string | Uint8Array, by: "keep-alive" | "fin" | "reset" | "stall" = "fin"): WireBehaviour {
  return {
    type: "wire",
    steps: [
      { type: "write", bytes },
      { type: "wait", ms: by === "reset" ? 3 : 0 },
      { type: "end", by },
    ],
  };
}

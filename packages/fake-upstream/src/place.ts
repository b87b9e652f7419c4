import { bedrockFrame } from "./aws-event-stream.ts";
import type { Place } from "./behaviour.ts";
import type { WireFormat } from "./dialect.ts";

/** The events of a body (one, where it is no stream) and which of them say something. */
export interface MarkedBody {
  readonly pieces: readonly Uint8Array[];
  readonly isStream: boolean;
  /** Indexes into `pieces`. */
  readonly content: readonly number[];
  /** Index of the event that ends the answer; `pieces.length` where there is none. */
  readonly terminal: number;
}

/** Finds the events with content, and the terminal one, in the text of a stream. */
export function markFrames(dialect: WireFormat, frames: readonly string[]): MarkedBody {
  const encoder = new TextEncoder();
  const encode = dialect === "bedrock" ? bedrockFrame : (frame: string) => encoder.encode(frame);
  const content = frames.flatMap((frame, index) => (hasContent(dialect, frame) ? [index] : []));
  const terminal = frames.findIndex((frame) => isTerminal(dialect, frame));
  return {
    pieces: frames.map(encode),
    isStream: true,
    content,
    terminal: terminal === -1 ? frames.length : terminal,
  };
}

/** Returns a body that is no stream. */
export function markWhole(body: Uint8Array): MarkedBody {
  return { pieces: body.length === 0 ? [] : [body], isStream: false, content: [0], terminal: 1 };
}

/** Returns the place as a distance from the body's first byte. A place among events that the body has not is its end. */
export function offsetOf(place: Place, body: MarkedBody): number {
  const ends = pieceEnds(body.pieces);
  const total = ends.at(-1) ?? 0;
  const before = (index: number): number => (index === 0 ? 0 : (ends[index - 1] ?? total));
  const after = (index: number): number => ends[index] ?? total;
  if (typeof place === "object") {
    return "bytes" in place ? Math.min(place.bytes, total) : before(Math.min(place.events, body.pieces.length));
  }
  const first = body.content.at(0) ?? body.terminal;
  const last = body.content.at(-1) ?? Math.max(0, body.terminal - 1);
  switch (place) {
    case "headers":
      return 0;
    case "start":
      return body.isStream ? after(0) : 0;
    case "before-content":
      return before(first);
    case "mid-event":
      return Math.floor((before(first) + after(first)) / 2);
    case "after-content":
      return body.isStream ? after(first) : Math.floor(total / 2);
    case "mid-content":
      return body.isStream ? after(body.content[body.content.length >> 1] ?? first) : Math.floor(total / 2);
    case "before-end":
      return body.isStream ? after(last) : Math.max(0, total - 1);
    case "before-terminal":
      return body.isStream ? before(body.terminal) : Math.max(0, total - 1);
    case "end":
      return total;
  }
}

function pieceEnds(pieces: readonly Uint8Array[]): readonly number[] {
  let end = 0;
  return pieces.map((piece) => (end += piece.length));
}

function hasContent(dialect: WireFormat, frame: string): boolean {
  switch (dialect) {
    case "anthropic":
    case "bedrock":
    case "vertex":
      return /"type": ?"(?:content_block_delta|tool_use|thinking|redacted_thinking)"/.test(frame);
    case "openai":
      return /"delta": ?\{[^}]*?"(?:content|reasoning_content|reasoning|tool_calls)": ?(?:"[^"]|\[)/.test(frame);
    case "responses":
      return /"type": ?"response\.(?:output_text|reasoning_summary_text|reasoning_text|function_call_arguments)\.delta"/.test(
        frame,
      );
  }
}

function isTerminal(dialect: WireFormat, frame: string): boolean {
  switch (dialect) {
    case "anthropic":
    case "bedrock":
    case "vertex":
      return /"type": ?"message_stop"/.test(frame);
    case "openai":
      return /^data: ?\[DONE\]/.test(frame);
    case "responses":
      return /"type": ?"response\.(?:completed|incomplete|failed)"/.test(frame);
  }
}

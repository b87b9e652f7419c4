import type { ContentBlockDelta, MessageStreamEvent } from "../protocol/anthropic.ts";

const bytesOf = new TextEncoder();
const noBytes = new Uint8Array(0);

/**
 * Writes one event as the Messages API frames it: an `event:` line that equals the event's type, one `data:` line, a
 * blank line.
 *
 * @param event - event of a message stream.
 * @returns the text of the event.
 * @example
 * ```ts
 * console.log(encodeEvent({ type: "message_stop" }).trim()); // event: message_stop\ndata: {"type":"message_stop"}
 * ```
 */
export function encodeEvent(event: MessageStreamEvent): string {
  // Templates for what makes up a stream: only the foreign text has to be escaped. Everything else, known or not, is serialised whole.
  if (event.type === "content_block_delta") {
    const delta = encodeDelta(event.delta);
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${event.index},"delta":${delta}}\n\n`;
  }
  if (event.type === "content_block_stop") {
    return `event: content_block_stop\ndata: {"type":"content_block_stop","index":${event.index}}\n\n`;
  }
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/**
 * Writes the events of one network chunk as UTF-8, encoded once.
 *
 * @param events - events of a message stream; may be empty.
 * @returns the bytes.
 * @example
 * ```ts
 * console.log(encodeEvents([{ type: "ping" }]).byteLength); // 35
 * ```
 */
export function encodeEvents(events: readonly MessageStreamEvent[]): Uint8Array<ArrayBuffer> {
  if (events.length === 0) return noBytes;
  return bytesOf.encode(textOf(events));
}

function encodeDelta(delta: ContentBlockDelta): string {
  if (delta.type === "text_delta") return `{"type":"text_delta","text":${JSON.stringify(delta.text)}}`;
  if (delta.type === "input_json_delta") {
    return `{"type":"input_json_delta","partial_json":${JSON.stringify(delta.partial_json)}}`;
  }
  if (delta.type === "thinking_delta") return `{"type":"thinking_delta","thinking":${JSON.stringify(delta.thinking)}}`;
  return JSON.stringify(delta);
}

const slabSize = 2_048;

/**
 * Encodes the chunks of one stream like `encodeEvents`. Small chunks share a buffer of 2 kB, because allocating one
 * for each costs more than encoding it. Bytes that were returned are never written to again.
 *
 * @example
 * ```ts
 * const encoder = new EventEncoder();
 * console.log(encoder.encode([{ type: "ping" }]).byteLength); // 35
 * ```
 */
export class EventEncoder {
  #slab = noBytes;

  /**
   * Encodes the events of one network chunk.
   *
   * @param events - events of a message stream; may be empty.
   * @returns UTF-8.
   */
  encode(events: readonly MessageStreamEvent[]): Uint8Array<ArrayBuffer> {
    return events.length === 0 ? noBytes : this.encodeText(textOf(events));
  }

  /**
   * Encodes the text of one network chunk.
   *
   * @param text - text of whole events.
   * @returns UTF-8.
   */
  encodeText(text: string): Uint8Array<ArrayBuffer> {
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    const most = text.length * 3;
    if (most > slabSize / 2) return bytesOf.encode(text);
    if (most > this.#slab.length) this.#slab = new Uint8Array(slabSize);
    const { written } = bytesOf.encodeInto(text, this.#slab);
    const bytes = this.#slab.subarray(0, written);
    this.#slab = this.#slab.subarray(written);
    return bytes;
  }
}

function textOf(events: readonly MessageStreamEvent[]): string {
  let text = "";
  for (const event of events) text += encodeEvent(event);
  return text;
}

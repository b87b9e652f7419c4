import type { ContentBlockDelta, MessageStreamEvent } from "../protocol/anthropic.ts";

const bytesOf = new TextEncoder();
const noBytes = new Uint8Array(0);

/** One event as the Messages API frames it: an `event:` line that equals the event's type, one `data:` line, a blank line. */
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

/** The events of one network chunk as UTF-8, encoded once. */
export function encodeEvents(events: readonly MessageStreamEvent[]): Uint8Array<ArrayBuffer> {
  if (events.length === 0) return noBytes;
  let text = "";
  for (const event of events) text += encodeEvent(event);
  return bytesOf.encode(text);
}

function encodeDelta(delta: ContentBlockDelta): string {
  if (delta.type === "text_delta") return `{"type":"text_delta","text":${JSON.stringify(delta.text)}}`;
  if (delta.type === "input_json_delta") {
    return `{"type":"input_json_delta","partial_json":${JSON.stringify(delta.partial_json)}}`;
  }
  if (delta.type === "thinking_delta") return `{"type":"thinking_delta","thinking":${JSON.stringify(delta.thinking)}}`;
  return JSON.stringify(delta);
}

import { SseDecoder } from "../../src/sse/decode.ts";
import type { MessageStreamEvent } from "../../src/protocol/anthropic.ts";

/** The events of a Messages stream's bytes, of this API's known kinds or any later one. */
export function messagesEvents(bytes: Uint8Array): readonly MessageStreamEvent[] {
  const decoder = new SseDecoder();
  return [...decoder.push(bytes), ...decoder.end()].flatMap((item) =>
    item.type === "event" ? [JSON.parse(item.data) as MessageStreamEvent] : [],
  );
}

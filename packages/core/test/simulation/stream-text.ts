import { event } from "../message-events.ts";

/** A short answer as an event stream, in three pieces: what comes before its content, its content, its end. */
export const messageEvents: readonly [start: string, content: string, end: string] = [
  event({
    type: "message_start",
    message: {
      id: "m",
      type: "message",
      role: "assistant",
      model: "x",
      content: [],
      usage: { input_tokens: 1, output_tokens: 1 },
    },
  }),
  event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }) +
    event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } }),
  event({ type: "content_block_stop", index: 0 }) +
    event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } }) +
    event({ type: "message_stop" }),
];

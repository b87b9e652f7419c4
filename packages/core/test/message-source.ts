import type { Message, MessageStreamEvent } from "../src/protocol/anthropic.ts";

/** A message that thinks, speaks and calls a tool. */
export const message: Message = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "claude-x",
  content: [
    { type: "thinking", thinking: "hm", signature: "sig" },
    { type: "text", text: "Hellö 你好" },
    { type: "tool_use", id: "t1", name: "f", input: { a: 1 } },
  ],
  stop_reason: "tool_use",
  stop_sequence: null,
  usage: { input_tokens: 1, output_tokens: 2, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
};

/** Gives out the events one by one; `onClose` is called at the end, or when the reader leaves early. */
export async function* sourceOf(
  list: readonly MessageStreamEvent[],
  onClose?: () => void,
): AsyncGenerator<MessageStreamEvent> {
  try {
    yield* list;
  } finally {
    onClose?.();
  }
}

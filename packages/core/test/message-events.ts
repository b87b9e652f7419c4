/** One event of a Messages stream, framed. */
export function event(data: { readonly type: string } & Record<string, unknown>): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

const message = { id: "m", type: "message", role: "assistant", content: [], usage: {} };

/** What a streamed text begins with, up to its first piece. */
export const opening: string =
  event({ type: "message_start", message }) +
  event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });

/** One piece of text. */
export function delta(text: string): string {
  return event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
}

/** What a streamed text ends with. */
export const closing: string =
  event({ type: "content_block_stop", index: 0 }) +
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } }) +
  event({ type: "message_stop" });

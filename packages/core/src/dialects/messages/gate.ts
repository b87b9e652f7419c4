import type { MessagesError } from "../../failures/messages-error.ts";
import { isObject } from "../../base/json.ts";

/** Meaning of an Anthropic stream event for the content gate. */
export type GateSign = "start" | "held" | "content" | "stop-reason" | "stop" | "error";

/**
 * Decides what counts as content, from the parsed data of a native event. Starts of thinking, tool and server-tool
 * blocks count (a thinking block may stay silent for minutes), empty text blocks and empty deltas do not. Unknown
 * events are held until a known one decides.
 */
export function gateSign(event: Readonly<Record<string, unknown>>): GateSign {
  switch (event["type"]) {
    case "message_start":
      return "start";
    case "content_block_start":
      return isContentBlock(event["content_block"]) ? "content" : "held";
    case "content_block_delta":
      return isContentDelta(event["delta"]) ? "content" : "held";
    case "message_delta":
      return isObject(event["delta"]) && typeof event["delta"]["stop_reason"] === "string" ? "stop-reason" : "held";
    case "message_stop":
      return "stop";
    case "error":
      return "error";
    default:
      return "held";
  }
}

function isContentBlock(block: unknown): boolean {
  if (!isObject(block)) return false;
  return block["type"] === "text" ? typeof block["text"] === "string" && block["text"] !== "" : true;
}

function isContentDelta(delta: unknown): boolean {
  if (!isObject(delta)) return false;
  switch (delta["type"]) {
    case "text_delta":
      return delta["text"] !== "" && delta["text"] !== undefined;
    case "input_json_delta":
      return delta["partial_json"] !== "" && delta["partial_json"] !== undefined;
    case "thinking_delta":
      return delta["thinking"] !== "" && delta["thinking"] !== undefined;
    default:
      return true;
  }
}

/**
 * Returns the legal ending of a stream that broke after its first content: an `error` event and nothing more. An unfinished block is never closed
 * (Claude Code runs a tool at its `content_block_stop`), and there is no `message_stop`.
 */
export function brokenStreamEnding(error: MessagesError["error"]): Uint8Array {
  const data = JSON.stringify({ type: "error", error: { type: error.type, message: error.message } });
  return new TextEncoder().encode(`event: error\ndata: ${data}\n\n`);
}

/** Returns an error body, JSON in UTF-8, as an `error` event. Line breaks in JSON stand between its tokens, where a space means the same. */
export function errorEvent(json: Uint8Array): Uint8Array {
  const data = new TextDecoder().decode(json).replaceAll(/[\r\n]+/g, " ");
  return new TextEncoder().encode(`event: error\ndata: ${data}\n\n`);
}

/** Sent after 15 s without a byte to the client, whose watchdog aborts after 300 s of silence. */
export const pingEvent: Uint8Array = new TextEncoder().encode('event: ping\ndata: {"type": "ping"}\n\n');

import type { MessageStreamEvent } from "../../protocol/anthropic.ts";
import { isObject, type JsonObject } from "../../base/json.ts";

/**
 * Whole answer of the Messages API, as loose as answers are: `Message` and the answers of `@anthropic-ai/sdk`, whose
 * blocks, citations and stop reasons may be of kinds that ccpb does not write, can be assigned to it.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface AnyMessage {
  /** Id of the answer, such as `msg_…`. */
  readonly id: string;
  /** Always `message`. */
  readonly type: "message";
  /** Always `assistant`. */
  readonly role: "assistant";
  /** Model that answered, as the provider names it. */
  readonly model: string;
  /** Blocks of the answer in order. */
  readonly content: readonly { readonly type: string }[];
  /** Reason why the answer ended; null counts as `end_turn`. */
  readonly stop_reason: string | null;
  /** Stop sequence that ended the answer; null if none did. */
  readonly stop_sequence: string | null;
  /** Details of a refusal; null or absent if it is none. */
  readonly stop_details?: object | null | undefined;
  /** Token counts; whole numbers of at least 0. */
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number };
}

/**
 * Writes the stream that the API would have sent for a whole message. Blocks that stream in no known way, such as
 * tool results, are whole in their start event.
 *
 * @param message - whole answer of the Messages API.
 * @returns the events, from `message_start` to `message_stop`.
 * @example
 * ```ts
 * console.log(messageToEvents(message).at(-1)?.type); // message_stop
 * ```
 */
export function messageToEvents(message: AnyMessage): readonly MessageStreamEvent[] {
  const { content, stop_reason, stop_sequence, stop_details, usage, ...rest } = message;
  const events: AnyEvent[] = [
    {
      type: "message_start",
      message: { ...rest, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 0 } },
    },
    { type: "ping" },
  ];
  for (const [index, block] of content.entries()) {
    const { start, deltas } = dissect({ ...block });
    events.push({ type: "content_block_start", index, content_block: start });
    for (const delta of deltas) events.push({ type: "content_block_delta", index, delta });
    events.push({ type: "content_block_stop", index });
  }
  const delta = { stop_reason, stop_sequence, ...(stop_details !== undefined && { stop_details }) };
  events.push({ type: "message_delta", delta, usage }, { type: "message_stop" });
  // Blocks that are not known stay what they were in the message.
  return events as unknown as readonly MessageStreamEvent[];
}

type AnyEvent = Readonly<Record<string, unknown>>;

function dissect(block: JsonObject): { readonly start: JsonObject; readonly deltas: readonly JsonObject[] } {
  const { type, text, thinking, signature, input, citations } = block;
  if (type === "text" && typeof text === "string") {
    const cited = Array.isArray(citations) ? citations : [];
    const { citations: _none, ...plain } = block; // the API's own events leave it out where nothing is cited
    return {
      start: { ...plain, text: "", ...(cited.length > 0 && { citations: [] }) },
      deltas: [
        ...(text === "" ? [] : [{ type: "text_delta", text }]),
        ...cited.map((citation: unknown) => ({ type: "citations_delta", citation })),
      ],
    };
  }
  if (type === "thinking" && typeof thinking === "string") {
    return {
      start: { ...block, thinking: "", signature: "" },
      deltas: [
        ...(thinking === "" ? [] : [{ type: "thinking_delta", thinking }]),
        { type: "signature_delta", signature: typeof signature === "string" ? signature : "" },
      ],
    };
  }
  // tool_use, server_tool_use, mcp_tool_use and whatever else is given an input.
  if (typeof type === "string" && type.endsWith("tool_use") && isObject(input)) {
    const json = JSON.stringify(input);
    return {
      start: { ...block, input: {} },
      deltas: json === "{}" ? [] : [{ type: "input_json_delta", partial_json: json }],
    };
  }
  return { start: block, deltas: [] };
}

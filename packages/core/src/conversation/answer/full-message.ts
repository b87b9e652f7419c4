import type {
  ContentBlock,
  ErrorEvent,
  Message,
  MessageStreamEvent,
  PingEvent,
  StopDetails,
  Usage,
} from "../../protocol/anthropic.ts";
import type {
  FullContentBlock,
  FullMessage,
  FullMessageStreamEvent,
  FullStopDetails,
  FullUsage,
} from "../../protocol/anthropic-full.ts";

/**
 * Adds the members that Anthropic's API documents and a translated message lacks, so that it is an `Anthropic.Message`
 * of `@anthropic-ai/sdk` by type. Members that the provider did not report are `null`, as in Anthropic's own answers;
 * the `caller` of tools is the model itself.
 *
 * @param message - message of `fromChatCompletion` or `fromResponse`; it is not changed.
 * @returns a new message.
 * @example
 * ```ts
 * console.log(fullMessage(message).container); // null
 * ```
 */
export function fullMessage(message: Message): FullMessage {
  const { content, usage, stop_details } = message;
  return {
    container: null,
    context_management: null,
    diagnostics: null,
    ...message,
    content: content.map((block) => fullBlock(block)),
    stop_details: fullDetails(stop_details),
    usage: fullUsage(usage),
  };
}

/**
 * Adds the members that Anthropic's API documents and a translated event lacks, so that it is an
 * `Anthropic.MessageStreamEvent` of `@anthropic-ai/sdk` by type. That type has no `ping` and no `error`: the SDK's
 * client ignores the one and throws the other.
 *
 * @param event - event of `fromChatStream` or `fromResponsesStream`, other than `ping` and `error`.
 * @returns a new event, or the same where nothing is missing.
 * @example
 * ```ts
 * for (const event of messageToEvents(message)) {
 *   if (event.type === "message_delta") console.log(fullEvent(event).type); // message_delta
 * }
 * ```
 */
export function fullEvent(event: Exclude<MessageStreamEvent, PingEvent | ErrorEvent>): FullMessageStreamEvent {
  switch (event.type) {
    case "message_start":
      return { type: event.type, message: fullMessage(event.message) };
    case "content_block_start":
      return { type: event.type, index: event.index, content_block: fullBlock(event.content_block) };
    case "message_delta": {
      const delta = { container: null, ...event.delta, stop_details: fullDetails(event.delta.stop_details) };
      return { type: event.type, context_management: null, delta, usage: fullUsage(event.usage) };
    }
    case "content_block_delta":
    case "content_block_stop":
    case "message_stop":
      return event;
  }
}

function fullBlock(block: ContentBlock): FullContentBlock {
  switch (block.type) {
    case "text":
      return { ...block, citations: block.citations ?? null };
    case "tool_use":
    case "server_tool_use":
    case "web_search_tool_result":
      return { caller: { type: "direct" }, ...block };
    case "thinking":
    case "redacted_thinking":
      return block;
  }
}

function fullDetails(details: StopDetails | null | undefined): FullStopDetails | null {
  if (!details) return null;
  return { fallback_credit_token: null, fallback_has_prefill_claim: null, recommended_model: null, ...details };
}

function fullUsage(usage: Usage): FullUsage {
  const { output_tokens_details = null, server_tool_use = null } = usage;
  const unsaid = {
    cache_creation: null,
    fallback_credit: null,
    inference_geo: null,
    iterations: null,
    service_tier: null,
    speed: null,
  };
  return { ...unsaid, ...usage, output_tokens_details, server_tool_use };
}

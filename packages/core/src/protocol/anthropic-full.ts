import type {
  ContentBlockDeltaEvent,
  ContentBlockStopEvent,
  Message,
  MessageDeltaEvent,
  MessageStopEvent,
  RedactedThinkingBlock,
  ServerToolUseBlock,
  StopDetails,
  TextBlock,
  ThinkingBlock,
  ToolUseBlock,
  Usage,
  WebSearchToolResultBlock,
} from "./anthropic.ts";

/**
 * Says that the model called a tool itself, and no program that it wrote.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface DirectCaller {
  readonly type: "direct";
}

/**
 * The counts of a `Message` with every member of Anthropic's API; null: the provider did not say.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface FullUsage extends Usage {
  readonly cache_creation: null;
  /** Of the beta API. */
  readonly fallback_credit: null;
  readonly inference_geo: null;
  /** Of the beta API. */
  readonly iterations: null;
  readonly output_tokens_details: { readonly thinking_tokens: number } | null;
  readonly server_tool_use: { readonly web_search_requests: number; readonly web_fetch_requests: number } | null;
  readonly service_tier: null;
  readonly speed: null;
}

/**
 * Details of a refusal with every member of Anthropic's API and its beta.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface FullStopDetails extends StopDetails {
  readonly fallback_credit_token: null;
  readonly fallback_has_prefill_claim: null;
  readonly recommended_model: null;
}

/** A block of an answer with every member of Anthropic's API. */
export type FullContentBlock =
  | (TextBlock & { readonly citations: Exclude<TextBlock["citations"], undefined> })
  | ThinkingBlock
  | RedactedThinkingBlock
  | (ToolUseBlock & { readonly caller: DirectCaller })
  | (ServerToolUseBlock & { readonly caller: DirectCaller })
  | (WebSearchToolResultBlock & { readonly caller: DirectCaller });

/**
 * A `Message` with every member of Anthropic's API, as the type `Anthropic.Message` of `@anthropic-ai/sdk` demands.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface FullMessage extends Message {
  readonly container: null;
  /** Of the beta API. */
  readonly context_management: null;
  readonly content: FullContentBlock[];
  readonly diagnostics: null;
  readonly stop_details: FullStopDetails | null;
  readonly usage: FullUsage;
}

/**
 * The first event of a stream, its message with every member.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface FullMessageStartEvent {
  readonly type: "message_start";
  readonly message: FullMessage;
}

/**
 * Opens a block, which has every member.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface FullContentBlockStartEvent {
  readonly type: "content_block_start";
  readonly index: number;
  readonly content_block: FullContentBlock;
}

/**
 * Says how the message ended, with every member.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface FullMessageDeltaEvent {
  readonly type: "message_delta";
  /** Of the beta API. */
  readonly context_management: null;
  readonly delta: MessageDeltaEvent["delta"] & {
    readonly container: null;
    readonly stop_details: FullStopDetails | null;
  };
  readonly usage: FullUsage;
}

/** An event of a stream with every member of Anthropic's API, as `Anthropic.MessageStreamEvent` of `@anthropic-ai/sdk` demands. */
export type FullMessageStreamEvent =
  | FullMessageStartEvent
  | FullContentBlockStartEvent
  | ContentBlockDeltaEvent
  | ContentBlockStopEvent
  | FullMessageDeltaEvent
  | MessageStopEvent;

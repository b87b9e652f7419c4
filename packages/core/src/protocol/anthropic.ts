/**
 * A content block of a request. Only its type is certain: code that reads other members must check each of them.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface ContentBlockParam {
  readonly type: string;
}

/**
 * One turn of a request. Besides `user` and `assistant`, Claude Code 2.1 sends `system` turns inside `messages`, even without content.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface MessageParam {
  readonly role: string;
  readonly content?: string | readonly ContentBlockParam[] | null | undefined;
}

/**
 * A tool of a request: a custom one (`type` absent, null or `custom`), one that Anthropic defines, or a whole toolset.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface ToolParam {
  readonly type?: string | null | undefined;
  readonly name?: string | undefined;
}

/**
 * Body of `POST /v1/messages`, as loose as clients are: readers check what the declared members hold, and undeclared
 * members are kept. Request types of `@anthropic-ai/sdk` can be assigned to it.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface MessagesRequest {
  /** Model, as the client names it. */
  readonly model: string;
  /** Turns of the conversation, the oldest first. */
  readonly messages: readonly MessageParam[];
  /** Largest number of tokens of the answer. Absent in a count_tokens request. */
  readonly max_tokens?: number | undefined;
  /** System prompt. */
  readonly system?: string | readonly ContentBlockParam[] | null | undefined;
  /** Tools that the model may call. */
  readonly tools?: readonly ToolParam[] | null | undefined;
  /** True: the answer is a stream of events. */
  readonly stream?: boolean | null | undefined;
}

/** Reason why an answer ended (Messages API). */
export type StopReason =
  | "end_turn"
  | "max_tokens"
  | "stop_sequence"
  | "tool_use"
  | "pause_turn"
  | "refusal"
  | "model_context_window_exceeded";

/**
 * A page that a text of an answer cites. Answers that ccpb translates into a Message cite none; a Message that goes to another API has its pages
 * carried over.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface WebSearchCitation {
  readonly type: "web_search_result_location";
  readonly url: string;
  readonly title: string | null;
  readonly cited_text: string;
  readonly encrypted_index: string;
}

/**
 * A block of text in an answer.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface TextBlock {
  readonly type: "text";
  readonly text: string;
  readonly citations?: WebSearchCitation[] | null;
}

/**
 * A block of thinking in an answer; its signature lets the provider that made it check it in a later turn.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface ThinkingBlock {
  readonly type: "thinking";
  readonly thinking: string;
  readonly signature: string;
}

/**
 * A block of thinking that only its provider can read.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface RedactedThinkingBlock {
  readonly type: "redacted_thinking";
  readonly data: string;
}

/**
 * A tool call in an answer; `input` is the object of its arguments.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface ToolUseBlock {
  readonly type: "tool_use";
  readonly id: string;
  readonly name: string;
  /** A JSON object. */
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * A search that the provider made while it answered, for a client that asked for Anthropic's server tool.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface ServerToolUseBlock {
  readonly type: "server_tool_use";
  readonly id: string;
  /** The name of the client's tool, for which Anthropic's API takes this one only. */
  readonly name: "web_search";
  /** `{query}`; empty in the event that starts the block. */
  readonly input: Readonly<Record<string, unknown>>;
}

/**
 * One hit of a web search that the provider made.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface WebSearchResult {
  readonly type: "web_search_result";
  readonly url: string;
  readonly title: string;
  /** Empty where another provider than Anthropic has searched: there is nothing to send back. */
  readonly encrypted_content: string;
  readonly page_age: string | null;
}

/**
 * Result of a web search, in answer to a `server_tool_use` block.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface WebSearchToolResultBlock {
  readonly type: "web_search_tool_result";
  readonly tool_use_id: string;
  readonly content: WebSearchResult[] | WebSearchToolResultError;
}

/**
 * Error of a web search.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface WebSearchToolResultError {
  readonly type: "web_search_tool_result_error";
  readonly error_code: "unavailable";
}

/** The blocks of answers that ccpb writes itself. */
export type ContentBlock =
  | TextBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolUseBlock
  | ServerToolUseBlock
  | WebSearchToolResultBlock;

/**
 * Token counts of an answer; whole numbers of at least 0. `input_tokens` are those that came from no cache and went into none.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly output_tokens_details?: { readonly thinking_tokens: number } | null;
  readonly server_tool_use?: { readonly web_search_requests: number; readonly web_fetch_requests: number } | null;
}

/**
 * Details of a refusal, beside `stop_reason: refusal`.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface StopDetails {
  readonly type: "refusal";
  readonly category: null;
  readonly explanation: string | null;
}

/**
 * An answer of `POST /v1/messages` without streaming. With its role and content it is a turn of the next request, also for `@anthropic-ai/sdk`.
 *
 * @see https://docs.anthropic.com/en/api/messages
 */
export interface Message {
  readonly id: string;
  readonly type: "message";
  readonly role: "assistant";
  readonly model: string;
  readonly content: ContentBlock[];
  readonly stop_reason: StopReason | null;
  readonly stop_sequence: string | null;
  readonly stop_details?: StopDetails | null;
  readonly usage: Usage;
}

/**
 * The first event of a stream: the message without content, its input tokens as far as they are known.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface MessageStartEvent {
  readonly type: "message_start";
  readonly message: Message;
}

/**
 * Opens the block at `index`; blocks come one after the other, numbered from 0.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface ContentBlockStartEvent {
  readonly type: "content_block_start";
  readonly index: number;
  readonly content_block: ContentBlock;
}

/** A piece of the open block, of the kind that the block's type takes. */
export type ContentBlockDelta =
  | { readonly type: "text_delta"; readonly text: string }
  | { readonly type: "input_json_delta"; readonly partial_json: string }
  | { readonly type: "thinking_delta"; readonly thinking: string }
  | { readonly type: "signature_delta"; readonly signature: string };

/**
 * Adds to the open block.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface ContentBlockDeltaEvent {
  readonly type: "content_block_delta";
  readonly index: number;
  readonly delta: ContentBlockDelta;
}

/**
 * Closes the block at `index`.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface ContentBlockStopEvent {
  readonly type: "content_block_stop";
  readonly index: number;
}

/**
 * Says how the message ended and what it cost; comes after the last block.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface MessageDeltaEvent {
  readonly type: "message_delta";
  readonly delta: {
    readonly stop_reason: StopReason;
    readonly stop_sequence: string | null;
    readonly stop_details?: StopDetails | null;
  };
  readonly usage: Usage;
}

/**
 * The last event of a whole stream.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface MessageStopEvent {
  readonly type: "message_stop";
}

/**
 * Says that the stream is alive; may come anywhere in it.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface PingEvent {
  readonly type: "ping";
}

/**
 * The last event of a stream that failed; nothing may follow it.
 *
 * @see https://docs.anthropic.com/en/docs/build-with-claude/streaming
 */
export interface ErrorEvent {
  readonly type: "error";
  readonly error: { readonly type: string; readonly message: string };
}

/** An event of a Messages stream as ccpb writes it; over SSE its `event:` line equals `type`. */
export type MessageStreamEvent =
  | MessageStartEvent
  | PingEvent
  | ContentBlockStartEvent
  | ContentBlockDeltaEvent
  | ContentBlockStopEvent
  | MessageDeltaEvent
  | MessageStopEvent
  | ErrorEvent;

/**
 * The body of an error answer.
 *
 * @see https://docs.anthropic.com/en/api/errors
 */
export interface ErrorBody {
  readonly type: "error";
  readonly error: {
    readonly type: string;
    readonly message: string;
    readonly details?: Readonly<Record<string, unknown>>;
  };
  readonly request_id?: string | null;
}

import type { DialectName } from "../base/dialect-name.ts";
import type { MessagesError } from "../failures/messages-error.ts";
import type { Message, MessagesRequest, MessageStreamEvent } from "../protocol/anthropic.ts";
import type { TranslationWarning } from "../conversation/context.ts";
import type { JsonObject } from "../base/json.ts";

export type { DialectName };

/**
 * Members of a Chat or Responses request that a Messages request cannot express, under their own names. Each provider
 * writer takes the members that its API has, and warns about the rest.
 *
 * @see https://platform.openai.com/docs/api-reference
 */
export interface RequestExtras {
  /** Seed for repeatable sampling. */
  readonly seed?: number;
  /** Penalty for tokens by their frequency, -2 to 2. */
  readonly frequency_penalty?: number;
  /** Penalty for tokens that occurred, -2 to 2. */
  readonly presence_penalty?: number;
  /** Bias by token id, -100 to 100. */
  readonly logit_bias?: Readonly<Record<string, number>>;
  /** Length of the answer: `low`, `medium` or `high`. */
  readonly verbosity?: string;
  /** Processing tier, such as `priority`. */
  readonly service_tier?: string;
  /** Key that routes requests with the same prefix to the same cache. */
  readonly prompt_cache_key?: string;
  /** Time for which the prompt cache is kept, such as `24h`. */
  readonly prompt_cache_retention?: string;
  /** Stable id of the end user, for abuse detection. */
  readonly safety_identifier?: string;
  /** Older name of `safety_identifier`. */
  readonly user?: string;
  /** Pairs of the client's, which the provider stores. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** True: the provider stores the answer. */
  readonly store?: boolean;
  /** Further parts of a Responses answer. */
  readonly include?: readonly string[];
  /** Treatment of a prompt that is too long by the Responses API. */
  readonly truncation?: string;
  /** Kind of the summary of the reasoning. */
  readonly reasoning_summary?: string;
  /**
   * Custom tools of the client (`custom`, `local_shell`, `apply_patch`) by the name of the function tool that stands
   * for each in the Messages request, with one string member. A provider of the client's family may be sent the
   * original.
   */
  readonly customTools?: ReadonlyMap<string, JsonObject>;
}

/** Holds what the writer of an answer must know of the request. */
export interface ClientAnswerContext {
  /** The model as the client named it. */
  readonly model: string;
  /** Chat: `stream_options.include_usage`. Other dialects ignore it. */
  readonly includeUsage: boolean;
  /** The client's own request; a Responses answer repeats members of it. */
  readonly request: JsonObject;
  /** See `RequestExtras.customTools`; empty where the request has none. */
  readonly customTools: ReadonlyMap<string, JsonObject>;
  /** `chatcmpl-…` or `resp_…`. */
  readonly id: string;
  /** Wall clock, in milliseconds since 1970. */
  readonly createdAtMs: number;
  /** Returns the wall clock, in milliseconds since 1970: when a response was completed. Default: `createdAtMs`. */
  readonly now?: () => number;
  /** Responses: is given each output item when it is whole. */
  readonly onItem?: (item: JsonObject) => void;
}

/** Request of a client, read into the form of the Messages API. */
export interface ClientReading {
  /** Request of the Messages API. */
  readonly request: MessagesRequest;
  /** Members of the request that the Messages API cannot express. */
  readonly extras: RequestExtras;
  /** Warnings about each part that was left out or replaced; empty: none was. */
  readonly warnings: readonly TranslationWarning[];
}

/** Writes the events of one streamed answer as wire text of the client's dialect. Synchronous; one writer an answer. */
export interface ClientAnswerWriter {
  /** Returns the SSE text for these Messages events, or `""` when there is nothing to send. */
  push(events: readonly MessageStreamEvent[]): string;
  /**
   * True if the events themselves broke the answer, such as a tool call with cut arguments. The error has been
   * written, and nothing more is written.
   *
   * @defaultValue false
   */
  readonly isBroken?: boolean;
  /** Returns a sign of life: an SSE comment, or the dialect's ping where it has one. */
  keepAlive(): string;
  /** Returns the end of an answer that broke after its first content: an error event or chunk, and no sign of a complete answer. */
  fail(error: MessagesError): string;
}

/** The client side of a dialect: reads requests, writes answers and errors. */
export interface ClientDialect {
  readonly name: DialectName;
  /** Prefix of the ids of answers, such as `chatcmpl-`. */
  readonly idPrefix: string;
  /**
   * Reads a client's request into the neutral model.
   *
   * @throws `CcpbError` `invalid_request` (400) that begins with the path of the member, e.g. `messages[2].content[0].type`.
   */
  read(body: JsonObject): ClientReading;
  /** Opens the writer of a streamed answer. */
  openAnswer(context: ClientAnswerContext): ClientAnswerWriter;
  /**
   * Writes a whole answer.
   *
   * @throws `CcpbError` `provider_error` for a message that has no place in the dialect, such as one with a tool call without a name.
   */
  whole(message: Message, context: ClientAnswerContext): JsonObject;
  /** Writes the body of an error in the dialect's own shape. */
  error(error: MessagesError): JsonObject;
  /** Returns the only event of a stream that fails before anything else: `json` is an error body of this dialect, on one line. */
  earlyError(json: string): string;
}

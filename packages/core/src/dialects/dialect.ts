import type { DialectName } from "../base/dialect-name.ts";
import type { MessagesError } from "../failures/messages-error.ts";
import type { Message, MessagesRequest, MessageStreamEvent } from "../protocol/anthropic.ts";
import type { TranslationWarning } from "../conversation/context.ts";
import type { JsonObject } from "../base/json.ts";

export type { DialectName };

/**
 * Holds what a Chat or Responses request says and a Messages request cannot, under the names of the Chat or Responses API. Each provider writer
 * takes the members that its API has and warns about the rest.
 */
export interface RequestExtras {
  readonly seed?: number;
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
  readonly logit_bias?: Readonly<Record<string, number>>;
  readonly verbosity?: string;
  readonly service_tier?: string;
  readonly prompt_cache_key?: string;
  readonly prompt_cache_retention?: string;
  readonly safety_identifier?: string;
  readonly user?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly store?: boolean;
  readonly include?: readonly string[];
  readonly truncation?: string;
  readonly reasoning_summary?: string;
  /**
   * Maps the name of a function tool of the Messages request to the client's own tool: a custom tool, `local_shell` or `apply_patch`. The Messages
   * request has it as a function tool with one string member. A provider of the client's family may be sent the original.
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

/** A client's request as the neutral model has it. */
export interface ClientReading {
  readonly request: MessagesRequest;
  readonly extras: RequestExtras;
  readonly warnings: readonly TranslationWarning[];
}

/** Writes the events of one streamed answer as wire text of the client's dialect. Synchronous; one writer an answer. */
export interface ClientAnswerWriter {
  /** Returns the SSE text for these Messages events, or `""` when there is nothing to send. */
  push(events: readonly MessageStreamEvent[]): string;
  /**
   * Whether the events themselves broke the answer, such as a tool call with cut arguments. What says so has been written, and nothing more is.
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

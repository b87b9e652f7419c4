/** A remark about something that translation dropped, replaced or repaired. Plain data: it goes to the log and to library users. */
export interface TranslationWarning {
  /** A short stable code, such as `top_k_dropped` or `image_dropped`. */
  readonly code: string;
  /** One sentence for people; never holds prompt text. */
  readonly message: string;
  /** JSON path of the place in the request, such as `messages.2.content.0`, where there is one; of several places, the first. */
  readonly path?: string;
}

/**
 * Facts about a request that the translators of its answer need. `messagesToChat` and `messagesToResponses` make it.
 */
export interface TranslationContext {
  /** Model as the client named it; answers carry it. */
  readonly requestedModel: string;
  /** True if the client asked for a stream. */
  readonly stream: boolean;
  /** API of the request and so of its answer. Default `chat`. */
  readonly dialect?: "chat" | "responses";
  /** Client's names of the server tools that the upstream runs itself (Responses: `web_search`). Default: none. */
  readonly serverTools?: ReadonlySet<string>;
  /** Provider that makes the answer (`ChatRequestOptions.provider`); written into thinking signatures and tool ids. */
  readonly provider?: string;
  /** Upstream's name of the model, written there too. Absent: unknown. */
  readonly upstreamModel?: string;
  /** Client's names of tools by the upstream's, only where they differ. */
  readonly toolNames: ReadonlyMap<string, string>;
  /**
   * Upstream's names of the tools of the request, by which a name that comes in pieces is put together. Absent:
   * unknown.
   */
  readonly offeredTools?: ReadonlySet<string>;
  /** Client's ids of the tool calls in the request; no call of the answer may have one of them. Absent: unknown. */
  readonly usedToolIds?: ReadonlySet<string>;
  /** All stop sequences of the request, also those that the upstream was not told. */
  readonly stopSequences: readonly string[];
  /** Stop sequences that the upstream was not told and the translator enforces. */
  readonly localStopSequences: readonly string[];
  /**
   * True: `<think>…</think>` in text becomes thinking. `reasoning`: `<reasoning>…</reasoning>` at its beginning does.
   */
  readonly thinkTags: boolean | "reasoning";
  /** Estimated tokens of the prompt, for `message_start`; the exact count follows in `message_delta`. */
  readonly estimatedInputTokens: number;
}

/**
 * Makes the context for translating an answer whose request was not translated here, such as a stream from a file or
 * from another program.
 *
 * @param members - known facts about the request. Default: a stream of a model without a name, no renamed tools, no
 *   stop sequences, and `<think>` tags as text.
 * @returns the context.
 * @example
 * ```ts
 * const response = new Response('data: {"choices":[{"delta":{"content":"Hello."},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
 * const context = translationContext({ requestedModel: "claude-opus-5" });
 * const messages = response.body?.pipeThrough(fromChatStreamTransform(context));
 * console.log((await new Response(messages).text()).includes('"model":"claude-opus-5"')); // true
 * ```
 */
export function translationContext(members: Partial<TranslationContext> = {}): TranslationContext {
  return {
    requestedModel: "",
    stream: true,
    toolNames: new Map(),
    stopSequences: [],
    localStopSequences: [],
    thinkTags: false,
    estimatedInputTokens: 0,
    ...members,
  };
}

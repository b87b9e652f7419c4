/** A remark about something that translation dropped, replaced or repaired. Plain data: it goes to the log and to library users. */
export interface TranslationWarning {
  /** A short stable code, such as `top_k_dropped` or `image_dropped`. */
  readonly code: string;
  /** One sentence for people; never holds prompt text. */
  readonly message: string;
  /** JSON path of the place in the request, such as `messages.2.content.0`, where there is one; of several places, the first. */
  readonly path?: string;
}

/** Holds the facts about a request that the translators of its answer need. `toChatRequest` and `messagesToResponses` make it. */
export interface TranslationContext {
  /** The model name that the client asked for; answers carry it. */
  readonly requestedModel: string;
  readonly stream: boolean;
  /** The wire flavour of the request and so of its answer; absent: `chat`. */
  readonly dialect?: "chat" | "responses";
  /** The client's names of the server tools that the upstream runs itself (Responses: `web_search`); absent: none. */
  readonly serverTools?: ReadonlySet<string>;
  /** Who makes the answer: the provider (`ChatRequestOptions.provider`), written into the envelope of thinking signatures and into tool ids. */
  readonly provider?: string;
  /** The upstream's name of the model, written there too. Absent: not known. */
  readonly upstreamModel?: string;
  /** Upstream tool name → the client's name, only where they differ. */
  readonly toolNames: ReadonlyMap<string, string>;
  /** The upstream's names of the tools of the request; a name that comes in pieces is put together by them. Absent: not known. */
  readonly offeredTools?: ReadonlySet<string>;
  /** The client's ids of the tool calls in the request: no call of the answer may have one of them. Absent: not known. */
  readonly usedToolIds?: ReadonlySet<string>;
  /** All stop sequences of the request, also those that the upstream could not be told. */
  readonly stopSequences: readonly string[];
  /** Stop sequences that the upstream was not told and the translator enforces itself. */
  readonly localStopSequences: readonly string[];
  /** Split `<think>…</think>` out of text; `reasoning`: `<reasoning>…</reasoning>` at its beginning. */
  readonly thinkTags: boolean | "reasoning";
  /** Estimate of the prompt, for `message_start`; the exact count follows in `message_delta`. */
  readonly estimatedInputTokens: number;
}

/**
 * Makes the context for translating an answer whose request was not translated here: a stream from a file or from another program.
 *
 * @param members - What is known of the request; default: a stream of a model without a name, no tools that were renamed, no stop sequences, and
 * `<think>` tags as text.
 * @example
 * ```ts
 * const events = fromChatStream(response.body, translationContext({ requestedModel: "claude-opus-5" }));
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

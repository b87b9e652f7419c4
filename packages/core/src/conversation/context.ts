import { isObject } from "../base/json.ts";
import { kindOf, misuse } from "../base/misuse.ts";

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

/**
 * Checks the context that a program gave to the translator of a provider's answer.
 *
 * @throws TypeError for something else than a context, such as one that went through JSON and lost its maps.
 */
export function checkContext(context: unknown): void {
  if (isObject(context) && isMapLike(context["toolNames"]) && Array.isArray(context["stopSequences"])) return;
  const found = isObject(context) ? "is no whole context" : `is ${kindOf(context)}`;
  throw misuse(
    "context",
    found,
    "pass the one that messagesToChat or messagesToResponses returned, not a copy by way of JSON, or translationContext({ requestedModel })",
  );
}

/**
 * Checks the context that a program gave to the writer of a client's answer.
 *
 * @throws TypeError for something else than a context, and for one without the id and the time of the answer.
 */
export function checkAnswerContext(context: unknown): void {
  const whole =
    "pass { ...context, id, createdAtMs }, with the context that chatToMessages or responsesToMessages returned";
  if (!isObject(context)) throw misuse("context", `is ${kindOf(context)}`, whole);
  const { id, createdAtMs, customTools, request } = context;
  if (typeof id !== "string" || typeof createdAtMs !== "number") {
    throw misuse("context", `has no ${typeof id === "string" ? "createdAtMs" : "id"}`, whole);
  }
  if (!isMapLike(customTools) || !isObject(request)) throw misuse("context", "is no whole context", whole);
}

// A map of another realm is no instance of this one's Map.
function isMapLike(value: unknown): boolean {
  return typeof value === "object" && value !== null && "get" in value && typeof value.get === "function";
}

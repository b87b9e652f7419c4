/**
 * A part of a message's content, or of a reasoning item's `content` or `summary`.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/object
 */
export interface ForeignResponsePart {
  /** `output_text`, `refusal`, `reasoning_text`, `summary_text`, … */
  readonly type?: string | null;
  readonly text?: string | null;
  readonly refusal?: string | null;
  readonly annotations?: readonly unknown[] | null;
}

/**
 * An item of an answer's output. Which members it has goes by its type; vendors leave out, blank or rotate any of them.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/object
 */
export interface ForeignResponseItem {
  /** `message`, `reasoning`, `function_call`, `web_search_call`, … */
  readonly type?: string | null;
  /** GitHub Copilot gives one item another id in each event. */
  readonly id?: string | null;
  readonly status?: string | null;
  readonly role?: string | null;
  /** `commentary` or `final_answer`. */
  readonly phase?: string | null;
  readonly content?: readonly ForeignResponsePart[] | null;
  readonly summary?: readonly ForeignResponsePart[] | null;
  /** Whole only in `response.output_item.done`. */
  readonly encrypted_content?: string | null;
  readonly call_id?: string | null;
  readonly name?: string | null;
  readonly arguments?: unknown;
  readonly action?: unknown;
}

/**
 * An answer of `POST …/responses`, or the `response` member of a stream's event, as vendors really send it.
 *
 * @see https://platform.openai.com/docs/api-reference/responses/object
 */
export interface ForeignResponse {
  readonly id?: string | null;
  readonly object?: string | null;
  readonly model?: string | null;
  /** `completed`, `incomplete`, `failed`, `cancelled`, `in_progress`, `queued`. */
  readonly status?: string | null;
  readonly output?: readonly ForeignResponseItem[] | null;
  readonly incomplete_details?: { readonly reason?: string | null } | null;
  readonly usage?: unknown;
  readonly error?: unknown;
}

/**
 * An event of a stream. The last is `response.completed`, `response.incomplete`, `response.failed` or `error`.
 *
 * @see https://platform.openai.com/docs/api-reference/responses-streaming
 */
export interface ForeignResponseEvent {
  readonly type?: string | null;
  readonly response?: ForeignResponse | null;
  /** Place of the item, which identifies it: its id may change during a stream. */
  readonly output_index?: number | null;
  readonly item_id?: string | null;
  readonly content_index?: number | null;
  readonly summary_index?: number | null;
  readonly item?: ForeignResponseItem | null;
  readonly delta?: unknown;
  readonly text?: string | null;
  readonly refusal?: string | null;
  readonly arguments?: unknown;
}

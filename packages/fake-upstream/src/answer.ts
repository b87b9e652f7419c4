/** One piece of what a model says. A `tool` without an id gets one of the dialect's own form. */
export type AnswerBlock =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly thinking: string; readonly signature?: string }
  | { readonly type: "redacted_thinking"; readonly data: string }
  | { readonly type: "tool"; readonly id?: string; readonly name: string; readonly input: unknown };

/** Answer of a model, before it is written in a dialect. */
export interface Answer {
  readonly blocks: readonly AnswerBlock[];
  /** Anthropic's word; default `tool_use` where there is a tool, else `end_turn`. */
  readonly stopReason?: StopReason;
  readonly usage?: Usage;
  /** Default: the model that the request names. */
  readonly model?: string;
  /** Characters in one delta of a stream; default 8. */
  readonly deltaLength?: number;
  /** OpenAI only: the deltas of parallel tool calls alternate instead of following one another. */
  readonly interleaveTools?: boolean;
  /** OpenAI only: where thinking goes. Default `reasoning_content` (DeepSeek); `reasoning` is OpenRouter's. */
  readonly reasoningField?: "reasoning_content" | "reasoning";
}

export type StopReason = "end_turn" | "tool_use" | "max_tokens" | "stop_sequence" | "refusal";

/** Tokens. `inputTokens` does not contain the cached ones (Anthropic's way of counting). */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens?: number;
  readonly cacheCreationTokens?: number;
}

/** Facts about a request that its answer needs. */
export interface AnswerContext {
  /** Unique among all requests of all upstreams of a process: part of message and tool ids. */
  readonly id: string;
  readonly model: string;
  /** Of the request's body. */
  readonly byteLength: number;
  /** OpenAI: `stream_options.include_usage`. */
  readonly includeUsage: boolean;
}

/** Returns the stop reason that an answer has when it does not say. */
export function stopReasonOf(answer: Answer): StopReason {
  return answer.stopReason ?? (answer.blocks.some((block) => block.type === "tool") ? "tool_use" : "end_turn");
}

/** Returns an answer's usage: stated, or about a quarter of the bytes on each side. */
export function usageOf(answer: Answer, context: AnswerContext): Usage {
  if (answer.usage) return answer.usage;
  const said = JSON.stringify(answer.blocks).length;
  return { inputTokens: Math.ceil(context.byteLength / 4), outputTokens: Math.ceil(said / 4) };
}

/** Cuts text into the deltas of a stream; never inside a surrogate pair. */
export function deltasOf(text: string, length = 8): readonly string[] {
  const characters = Array.from(text);
  const deltas: string[] = [];
  for (let at = 0; at < characters.length; at += length) deltas.push(characters.slice(at, at + length).join(""));
  return deltas;
}

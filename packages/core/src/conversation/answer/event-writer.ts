import type {
  ContentBlock,
  MessageStreamEvent,
  ServerToolUseBlock,
  StopReason,
  Usage,
  WebSearchToolResultBlock,
} from "../../protocol/anthropic.ts";

export interface EventWriterOptions {
  /** The model name that the client asked for. */
  readonly model: string;
  /** Makes the message's id; asked once, when the message starts. */
  readonly messageId: () => string;
  /** Tokens of the prompt for `message_start`, until the exact count is known. */
  readonly inputTokens: number;
}

export interface MessageEnding {
  readonly stopReason: StopReason;
  readonly stopSequence: string | null;
  readonly usage: Usage;
}

const nothing: readonly MessageStreamEvent[] = [];

/** Words the events of one message stream, and numbers its blocks; which of them may come when is its caller's to know. */
export class EventWriter {
  readonly #options: EventWriterOptions;
  #events: MessageStreamEvent[] = [];
  #nextIndex = 0;
  #hasStarted = false;

  constructor(options: EventWriterOptions) {
    this.#options = options;
  }

  /** `message_start` has been given out or waits in `take`. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Events that `take` would give out. */
  get waiting(): number {
    return this.#events.length;
  }

  /** The events since the last call. */
  take(): readonly MessageStreamEvent[] {
    if (this.#events.length === 0) return nothing;
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Starts the message, if nothing has yet: an answer can be whole and empty. */
  start(): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    const { model, messageId, inputTokens } = this.#options;
    this.#events.push(
      {
        type: "message_start",
        message: {
          id: messageId(),
          type: "message",
          role: "assistant",
          model,
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: {
            input_tokens: inputTokens,
            cache_creation_input_tokens: 0,
            cache_read_input_tokens: 0,
            output_tokens: 0,
          },
        },
      },
      { type: "ping" },
    );
  }

  /** `message_delta` and `message_stop`; every block must have been closed. */
  finish(ending: MessageEnding): void {
    this.start();
    const { stopReason, stopSequence, usage } = ending;
    this.#events.push(
      {
        type: "message_delta",
        delta: {
          stop_reason: stopReason,
          stop_sequence: stopSequence,
          ...(stopReason === "refusal" && { stop_details: { type: "refusal", category: null, explanation: null } }),
        },
        usage,
      },
      { type: "message_stop" },
    );
  }

  /** Opens the next block, and returns its index. */
  open(contentBlock: ContentBlock): number {
    this.start();
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    this.#events.push({ type: "content_block_start", index, content_block: contentBlock });
    return index;
  }

  /** A search that is whole: the blocks of its call and of what it found. */
  search(call: ServerToolUseBlock, result: WebSearchToolResultBlock): void {
    const index = this.open({ ...call, input: {} });
    this.json(index, JSON.stringify(call.input));
    this.close(index);
    this.close(this.open(result));
  }

  close(index: number): void {
    this.#events.push({ type: "content_block_stop", index });
  }

  text(index: number, text: string): void {
    this.#events.push({ type: "content_block_delta", index, delta: { type: "text_delta", text } });
  }

  thinking(index: number, thinking: string): void {
    this.#events.push({ type: "content_block_delta", index, delta: { type: "thinking_delta", thinking } });
  }

  signature(index: number, signature: string): void {
    this.#events.push({ type: "content_block_delta", index, delta: { type: "signature_delta", signature } });
  }

  json(index: number, json: string): void {
    this.#events.push({
      type: "content_block_delta",
      index,
      delta: { type: "input_json_delta", partial_json: json },
    });
  }
}

import type { ContentBlock, MessageStreamEvent, StopReason, Usage } from "../protocol/anthropic.ts";
import type { TranslationWarning } from "./context.ts";
import { parseJson, stringifyJson, type JsonObject } from "./json-object.ts";
import { TextBlock, ThinkingBlock, ToolBlock, type Block } from "./answer/message-blocks.ts";
import { addReasoningDetail, type ReasoningDetail } from "./answer/reasoning-details.ts";
import { readToolInput } from "./answer/tool-json.ts";

export interface MessageWriterOptions {
  /** The model name that the client asked for. */
  readonly model: string;
  /** Makes the message's id; asked once, when the message starts. */
  readonly messageId: () => string;
  /** What `message_start` says of the prompt until the exact count is known; tokens. */
  readonly inputTokens: number;
  /** The signature of a thinking block, from the reasoning details that came with it. */
  readonly sign: (details: readonly ReasoningDetail[]) => string;
  /** Bound of what is held back behind an unfinished tool call, and of one tool call; UTF-16 units. */
  readonly maxHeldLength: number;
}

export interface MessageEnding {
  readonly stopReason: StopReason;
  readonly stopSequence: string | null;
  readonly usage: Usage;
}

const nothing: readonly MessageStreamEvent[] = [];

/**
 * Owns the grammar of an Anthropic message stream: one block open at a time, indexes from 0, what comes for a later block while a tool call is
 * unfinished waits its turn, nothing is closed that is not whole. Operations in, events out through `take`.
 */
export class MessageWriter {
  readonly warnings: TranslationWarning[] = [];
  readonly #options: MessageWriterOptions;
  #events: MessageStreamEvent[] = [];
  // Only the first of them can be open.
  readonly #blocks: Block[] = [];
  #details: ReasoningDetail[] = [];
  #blank = "";
  #nextIndex = 0;
  #lastType: Block["type"] | undefined;
  #heldLength = 0;
  #hasStarted = false;
  #hasToolUse = false;

  constructor(options: MessageWriterOptions) {
    this.#options = options;
  }

  /** `message_start` has been given out or waits in `take`. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** Something of the answer has come, even if it is still held back. */
  get hasContent(): boolean {
    return this.#hasStarted || this.#blocks.length > 0;
  }

  /** What comes next as text would go on in the block that text went to last. */
  get isInText(): boolean {
    return this.#blocks.at(-1)?.type === "text";
  }

  get hasToolUse(): boolean {
    return this.#hasToolUse;
  }

  /** A tool call whose arguments have begun and are not whole. */
  get hasCutTool(): boolean {
    return this.#blocks.some((block) => block.type === "tool" && block.args !== "" && !block.isComplete);
  }

  /** Events that `take` would give out. */
  get waiting(): number {
    return this.#events.length;
  }

  /** More is held back than `maxHeldLength` allows: the stream must be given up. */
  get isOverfull(): boolean {
    return this.#heldLength > this.#options.maxHeldLength;
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

  text(text: string): void {
    const tail = this.#blocks.at(-1);
    if (tail?.type === "text") {
      if (this.#blocks.length === 1) this.#textDelta(tail.index, text);
      else this.#hold(tail, text);
      return;
    }
    // The API rejects blocks of white space when they come back in history, so none is opened before there is more.
    if (!/\S/.test(text)) {
      this.#blank += text;
      this.#heldLength += text.length;
      return;
    }
    this.#append(new TextBlock(this.#blank + text));
  }

  thinking(text: string): void {
    const tail = this.#blocks.at(-1);
    if (tail?.type !== "thinking") this.#append(new ThinkingBlock(text, this.#takeDetails()));
    else if (this.#blocks.length === 1) this.#thinkingDelta(tail.index, text);
    else this.#hold(tail, text);
  }

  /** Keeps a reasoning detail for the signature of the thinking block that it belongs to, or of an empty one of its own. */
  thinkingDetail(detail: JsonObject): void {
    const tail = this.#blocks.at(-1);
    addReasoningDetail(tail?.type === "thinking" ? tail.details : this.#details, detail);
  }

  /** A tool call begins. It is opened once it is named and first in line. */
  addTool(): ToolBlock {
    const block = new ToolBlock();
    this.#append(block);
    return block;
  }

  /** `id` and `name` are the client's; no two calls of a message may share an id. */
  nameTool(block: ToolBlock, id: string, name: string): void {
    block.name = name;
    block.id = id;
    if (block === this.#blocks[0]) this.#advance();
  }

  /** More of a tool call's arguments. Returns false, and drops them, where the block is closed already. */
  toolArguments(block: ToolBlock, fragment: string): boolean {
    if (block.isClosed) return false;
    block.append(fragment);
    this.#heldLength += fragment.length;
    if (block !== this.#blocks[0]) return true;
    this.#flushTool(block);
    if (this.#blocks.length > 1 && block.isComplete) this.#advance();
    return true;
  }

  /**
   * Closes every block at the end of a whole answer. `isCut`: the answer ran into a limit, so that unfinished tool arguments stay as they came;
   * otherwise they are closed where closing brackets make them valid.
   */
  closeBlocks(isCut: boolean): void {
    this.#placeDetails();
    for (let block = this.#blocks.shift(); block !== undefined; block = this.#blocks.shift()) {
      if (block.type === "tool" && block.name === "") {
        if (block.args.trim() !== "") this.#warn("tool_without_name", "a tool call without a name was dropped");
        continue;
      }
      this.#flush(block);
      this.#close(block, isCut);
    }
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

  #append(block: Block): void {
    this.#heldLength -= this.#blank.length;
    this.#blank = "";
    if (block.type !== "thinking" && this.#details.length > 0) {
      this.#blocks.push(new ThinkingBlock("", this.#takeDetails()));
    }
    this.#blocks.push(block);
    if (block.type !== "tool") this.#heldLength += block.pending.length;
    this.#advance();
  }

  #hold(block: TextBlock | ThinkingBlock, text: string): void {
    block.pending += text;
    this.#heldLength += text.length;
  }

  #takeDetails(): ReasoningDetail[] {
    const details = this.#details;
    this.#details = [];
    return details;
  }

  /** Details that came last get an empty thinking block, but never after text: clients take the last block of an answer for its result. */
  #placeDetails(): void {
    if (this.#details.length === 0) return;
    const last = this.#blocks.at(-1)?.type ?? this.#lastType;
    if (last === "text") {
      this.#warn("reasoning_detail_dropped", "reasoning details after the text were dropped");
      return;
    }
    this.#blocks.push(new ThinkingBlock("", this.#takeDetails()));
  }

  /** Gives out what the first block holds, and closes it where another waits and nothing can follow. */
  #advance(): void {
    for (let front = this.#blocks[0]; front !== undefined; front = this.#blocks[0]) {
      this.#flush(front);
      const isDone = front.type !== "tool" || (front.index >= 0 && front.isComplete);
      if (this.#blocks.length === 1 || !isDone) return;
      this.#blocks.shift();
      this.#close(front, false);
    }
  }

  #flush(block: Block): void {
    if (block.type === "tool") {
      this.#flushTool(block);
      return;
    }
    const { pending } = block;
    block.pending = "";
    this.#heldLength -= pending.length;
    if (block.index < 0) {
      block.index = this.#open(
        block.type === "text" ? { type: "text", text: "" } : { type: "thinking", thinking: "", signature: "" },
      );
    }
    if (pending === "") return;
    if (block.type === "text") this.#textDelta(block.index, pending);
    else this.#thinkingDelta(block.index, pending);
  }

  #flushTool(block: ToolBlock): void {
    if (block.name === "") return;
    if (block.index < 0) {
      block.index = this.#open({ type: "tool_use", id: block.id, name: block.name, input: {} });
      this.#hasToolUse = true;
    }
    if (block.mode !== "live" || block.pending === "") return;
    this.#jsonDelta(block.index, block.pending);
    block.pending = "";
  }

  #open(contentBlock: ContentBlock): number {
    this.start();
    const index = this.#nextIndex;
    this.#nextIndex += 1;
    this.#events.push({ type: "content_block_start", index, content_block: contentBlock });
    return index;
  }

  #close(block: Block, isCut: boolean): void {
    this.#lastType = block.type;
    if (block.type === "thinking") {
      const signature = this.#options.sign(block.details);
      this.#events.push({
        type: "content_block_delta",
        index: block.index,
        delta: { type: "signature_delta", signature },
      });
    } else if (block.type === "tool") {
      this.#completeArguments(block, isCut);
      block.isClosed = true;
      this.#heldLength -= block.args.length;
    }
    this.#events.push({ type: "content_block_stop", index: block.index });
  }

  #completeArguments(block: ToolBlock, isCut: boolean): void {
    const { args } = block;
    if (block.mode === "live") {
      if (isCut || parseJson(args) !== undefined) return;
      const closers = block.closers();
      const isRepaired = closers !== "" && parseJson(args + closers) !== undefined;
      if (isRepaired) this.#jsonDelta(block.index, closers);
      this.#warnOfJson(block, isRepaired ? "closed" : "invalid");
    } else if (block.mode === "held") {
      const { input, repair } = readToolInput(args);
      const json =
        isCut && (repair === "invalid" || repair === "closed")
          ? args
          : (stringifyJson(input) ?? JSON.stringify({ __invalid_json: args }));
      if (json !== "{}") this.#jsonDelta(block.index, json);
      if (repair !== undefined) this.#warnOfJson(block, repair);
    }
  }

  #warnOfJson(block: ToolBlock, repair: "closed" | "cleaned" | "wrapped" | "invalid"): void {
    if (repair === "invalid") this.#warn("invalid_tool_json", `the arguments of tool ${block.name} are not valid JSON`);
    else this.#warn("tool_json_repaired", `the arguments of tool ${block.name} were put right (${repair})`);
  }

  #warn(code: string, message: string): void {
    this.warnings.push({ code, message });
  }

  #textDelta(index: number, text: string): void {
    this.#events.push({ type: "content_block_delta", index, delta: { type: "text_delta", text } });
  }

  #thinkingDelta(index: number, thinking: string): void {
    this.#events.push({ type: "content_block_delta", index, delta: { type: "thinking_delta", thinking } });
  }

  #jsonDelta(index: number, json: string): void {
    this.#events.push({
      type: "content_block_delta",
      index,
      delta: { type: "input_json_delta", partial_json: json },
    });
  }
}

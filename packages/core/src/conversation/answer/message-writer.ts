import type { StreamFailure } from "../../base/outcome.ts";
import type { MessageStreamEvent, ServerToolUseBlock, WebSearchToolResultBlock } from "../../protocol/anthropic.ts";
import type { TranslationWarning } from "../context.ts";
import { WarningList } from "../request/warning-list.ts";
import { BlockQueue } from "./block-queue.ts";
import { BlockWriter } from "./block-writer.ts";
import { EventWriter, type EventWriterOptions, type MessageEnding } from "./event-writer.ts";
import type { JsonObject } from "../../base/json.ts";
import { SearchBlock, TextBlock, ThinkingBlock, ToolBlock, type Block } from "./message-blocks.ts";
import { addReasoningDetail, type ReasoningDetail } from "./reasoning-details.ts";

export interface MessageWriterOptions extends EventWriterOptions {
  /** The signature of a thinking block, from the reasoning details that came with it. */
  readonly sign: (details: readonly ReasoningDetail[]) => string;
  /** Bound of what is held back behind an unfinished block, and of one tool call; UTF-16 units. */
  readonly maxHeldLength: number;
}

/**
 * Owns the grammar of an Anthropic message stream: one block open at a time, what comes for a later block while an earlier one is unfinished waits
 * its turn, nothing is closed that is not whole. Operations in, events out through `take`.
 *
 * Content comes either as it is found (`text`, `thinking`: it goes to the last block, or begins one), or for blocks that were given a place
 * beforehand (`addText`, `addThinking`, `addTool`) and end when they are said to (`finishBlock`).
 */
export class MessageWriter {
  readonly #warnings = new WarningList();
  readonly #events: EventWriter;
  readonly #writer: BlockWriter;
  readonly #maxHeldLength: number;
  readonly #blocks = new BlockQueue();
  #details: ReasoningDetail[] = [];
  #blank = "";
  #blankThought = "";
  #heldLength = 0;
  #hasArguments = false;
  #failure: StreamFailure | undefined;

  constructor(options: MessageWriterOptions) {
    this.#events = new EventWriter(options);
    this.#writer = new BlockWriter({ events: this.#events, warnings: this.#warnings, sign: options.sign });
    this.#maxHeldLength = options.maxHeldLength;
  }

  /** `message_start` has been given out or waits in `take`. */
  get hasStarted(): boolean {
    return this.#events.hasStarted;
  }

  /** Something of the answer has come, even if it is still held back. */
  get hasContent(): boolean {
    return this.hasStarted || this.#blocks.hasOutput || this.#hasArguments;
  }

  /** True if further text would go on in the block of the last text. */
  get isInText(): boolean {
    return this.#blocks.back?.type === "text";
  }

  get hasToolUse(): boolean {
    return this.#writer.hasToolUse;
  }

  /** A tool call whose arguments have begun and are not whole. */
  get hasCutTool(): boolean {
    return this.#blocks.some((block) => block.type === "tool" && block.args !== "" && !block.isComplete);
  }

  /** A tool call that the upstream has neither finished nor given whole arguments. */
  get hasUnfinishedTool(): boolean {
    return this.#blocks.some((block) => block.type === "tool" && block.isUnfinished);
  }

  /**
   * Reason why the answer is broken: it has a tool call that no client may run. The call's block stays open, and
   * nothing after it is given out.
   */
  get failure(): StreamFailure | undefined {
    return this.#failure;
  }

  /** Events that `take` would give out. */
  get waiting(): number {
    return this.#events.waiting;
  }

  /** More is held back than `maxHeldLength` allows: the stream must be given up. */
  get isOverfull(): boolean {
    return this.#heldLength > this.#maxHeldLength;
  }

  /** The events since the last call. */
  take(): readonly MessageStreamEvent[] {
    return this.#events.take();
  }

  /** Starts the message, if nothing has yet: an answer can be whole and empty. */
  start(): void {
    this.#events.start();
  }

  text(text: string): void {
    const tail = this.#blocks.back;
    if (tail?.type === "text") {
      this.#dropBlankThought();
      this.appendText(tail, text);
      return;
    }
    // No block is opened for white space before there is more.
    if (!/\S/.test(text)) {
      this.#blank += text;
      this.#heldLength += text.length;
      return;
    }
    this.#append(new TextBlock(this.#blank + text));
  }

  thinking(text: string): void {
    const tail = this.#blocks.back;
    if (tail?.type === "thinking") this.appendText(tail, text);
    else if (/\S/.test(text)) this.#append(new ThinkingBlock(this.#blankThought + text, this.#takeDetails()));
    else {
      // White space opens no block: the text around it would become two, and clients take the last for the answer.
      this.#blankThought += text;
      this.#heldLength += text.length;
    }
  }

  /** Keeps a reasoning detail for the signature of the thinking block that it belongs to, or of an empty one of its own. */
  thinkingDetail(detail: JsonObject): void {
    const tail = this.#blocks.back;
    addReasoningDetail(tail?.type === "thinking" ? tail.details : this.#details, detail);
  }

  /** Gives a text a place of its own, at the end or behind another block. It is opened once there is something to show. */
  addText(after?: Block): TextBlock {
    const block = new TextBlock("", false);
    this.#append(block, after);
    return block;
  }

  /** The same for a thinking block; one that stays empty is given out only if it has details to carry. */
  addThinking(after?: Block): ThinkingBlock {
    const block = new ThinkingBlock("", [], false);
    this.#append(block, after);
    return block;
  }

  /** A tool call begins. It is opened once it is named and first in line. */
  addTool(): ToolBlock {
    const block = new ToolBlock();
    this.#append(block);
    return block;
  }

  addSearch(call: ServerToolUseBlock, result: WebSearchToolResultBlock): void {
    this.#append(new SearchBlock(call, result));
  }

  /** The upstream has begun to name a call: the message starts, the block is opened once `nameTool` has the whole name. */
  announceTool(block: ToolBlock): void {
    block.hasIdentity = true;
    this.#events.start();
  }

  /** `id` and `name` are the client's; no two calls of a message may share an id. */
  nameTool(block: ToolBlock, id: string, name: string): void {
    block.name = name;
    block.id = id;
    this.#blocks.note(block);
    this.#advance();
  }

  /** More of a text or of thinking. Returns false, and drops it, where the block is closed already. */
  appendText(block: TextBlock | ThinkingBlock, text: string): boolean {
    if (block.isClosed) return false;
    if (block.index >= 0) {
      this.#writer.delta(block, text);
      return true;
    }
    block.append(text);
    this.#blocks.note(block);
    this.#heldLength += text.length;
    if (block === this.#blocks.front || block.hasOutput) this.#advance();
    return true;
  }

  /** More of a tool call's arguments. Returns false, and drops them, where the block is closed already. */
  toolArguments(block: ToolBlock, fragment: string): boolean {
    if (block.isClosed) return false;
    this.#heldLength += block.append(fragment);
    this.#hasArguments ||= fragment !== "";
    if (block !== this.#blocks.front) return true;
    this.#flush(block);
    if (this.#blocks.size > 1 && block.isComplete) this.#advance();
    return true;
  }

  /** Nothing more comes for a block that was given its place beforehand: what waits behind it may go on. */
  finishBlock(block: TextBlock | ThinkingBlock | ToolBlock): void {
    if (block.type === "tool") block.finish();
    else block.isDone = true;
    this.#advance();
  }

  /**
   * Closes every block at the end of a whole answer.
   *
   * A call whose arguments are cut or no JSON is never closed. Where the answer ran into a limit (`isCut`), its block stays open and what waits
   * behind it is dropped; otherwise `failure` is set afterwards, as for a call without a name.
   */
  closeBlocks(isCut: boolean): void {
    if (this.#failure) return;
    if (this.#details.length > 0) this.#blocks.add(new ThinkingBlock("", this.#takeDetails()));
    for (let block = this.#blocks.shift(); block !== undefined; block = this.#blocks.shift()) {
      if (block.type === "tool" && block.name === "") {
        if (!isCut && !block.isBlank) this.breakCall("a tool call without a name");
      } else if (this.#isHeldThought(block)) {
        this.#heldLength -= block.pending.length;
        this.warn("reasoning_dropped", "reasoning after the text was dropped");
      } else {
        this.#flush(block);
        // A limit that was reached before the arguments began has cut the call as well.
        const isLast = !this.#blocks.hasOutput;
        const isOpen = isCut && isLast && block.type === "tool" && block.isUnfinished;
        if (isOpen || !this.#close(block)) this.#leaveOpen(isCut);
      }
      if (this.#failure) return;
    }
  }

  /** A tool call is found to be none that a client may run. */
  breakCall(detail: string): void {
    this.#failure ??= { type: "junk", detail };
  }

  #leaveOpen(isCut: boolean): void {
    if (!isCut) return;
    this.#failure = undefined;
    this.warn("tool_call_cut", "the answer's limit cut a tool call, which was left unfinished");
    const hasMore = this.#blocks.hasOutput;
    this.#blocks.clear();
    if (hasMore) {
      this.warn("content_dropped", "what came behind a tool call that the answer's limit cut was dropped");
    }
  }

  /** `message_delta` and `message_stop`; to be called after `closeBlocks`. */
  finish(ending: MessageEnding): void {
    this.#events.finish(ending);
  }

  #dropBlankThought(): void {
    this.#heldLength -= this.#blankThought.length;
    this.#blankThought = "";
  }

  #append(block: Block, after?: Block): void {
    this.#heldLength -= this.#blank.length;
    this.#blank = "";
    this.#dropBlankThought();
    if (block.type !== "thinking" && this.#details.length > 0) {
      this.#blocks.add(new ThinkingBlock("", this.#takeDetails()));
    }
    this.#blocks.add(block, after);
    if (block.type === "text" || block.type === "thinking") this.#heldLength += block.pending.length;
    this.#advance();
  }

  #takeDetails(): ReasoningDetail[] {
    const details = this.#details;
    this.#details = [];
    return details;
  }

  /** Gives out what the first block holds, and closes it where another waits and nothing can follow. */
  #advance(): void {
    const blocks = this.#blocks;
    for (let front = blocks.front; front !== undefined && this.#failure === undefined; front = blocks.front) {
      if (this.#isHeldThought(front)) return;
      this.#flush(front);
      if (!front.isDone || (blocks.size === 1 && front.type !== "search")) return;
      // A block that shows nothing is no reason to begin the message: it waits for one that does.
      if (front.index < 0 && !blocks.hasOutput) return;
      if (!this.#close(front)) return;
      blocks.shift();
    }
  }

  /**
   * Decides whether a block is thinking behind text with no further content yet. Clients take the last block for the
   * result: `claude -p` prints nothing if that is thinking.
   */
  #isHeldThought(block: Block): block is ThinkingBlock {
    const isThought = block.type === "thinking" && block.index < 0 && block.hasOutput;
    return isThought && this.#writer.lastType === "text" && !this.#blocks.hasAnswer;
  }

  #flush(block: Block): void {
    this.#heldLength -= this.#writer.flush(block);
  }

  /** Returns false, with `failure` set, where the block is a tool call that must not be run. */
  #close(block: Block): boolean {
    const released = this.#writer.close(block, this.#blocks.size === 0);
    if (released === undefined) {
      this.breakCall("the arguments of a tool call are cut or are no JSON");
      return false;
    }
    this.#heldLength -= released;
    return true;
  }

  get warnings(): readonly TranslationWarning[] {
    return this.#warnings.all;
  }

  /** Notes what is left out or replaced of the answer. */
  warn(code: string, message: string): void {
    this.#warnings.add(code, message);
  }
}

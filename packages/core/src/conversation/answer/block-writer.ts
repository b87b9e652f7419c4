import type { WarningList } from "../request/warning-list.ts";
import type { EventWriter } from "./event-writer.ts";
import type { Block, TextBlock, ThinkingBlock, ToolBlock } from "./message-blocks.ts";
import type { ReasoningDetail } from "./reasoning-details.ts";
import { lastArguments } from "./tool-arguments.ts";

export interface BlockWriterOptions {
  readonly events: EventWriter;
  readonly warnings: WarningList;
  /** Returns the signature of a thinking block, from the reasoning details that came with it. */
  readonly sign: (details: readonly ReasoningDetail[]) => string;
}

/** Writes single blocks as events: opens them, gives out what they hold, closes them. The caller decides in which order. */
export class BlockWriter {
  readonly #events: EventWriter;
  readonly #warnings: WarningList;
  readonly #sign: (details: readonly ReasoningDetail[]) => string;
  #lastType: Block["type"] | undefined;
  #hasToolUse = false;

  constructor({ events, warnings, sign }: BlockWriterOptions) {
    this.#events = events;
    this.#warnings = warnings;
    this.#sign = sign;
  }

  /** Type of the block that was closed last, among those that the client has seen. */
  get lastType(): Block["type"] | undefined {
    return this.#lastType;
  }

  /** A tool call has been opened. */
  get hasToolUse(): boolean {
    return this.#hasToolUse;
  }

  /** Opens a block where it has something to show, and gives out what it holds. Returns how much text is no longer held, in UTF-16 units; that of a call counts until it is closed. */
  flush(block: Block): number {
    if (block.type === "search" || (block.index < 0 && !block.hasOutput)) return 0;
    if (block.type === "tool") {
      this.#flushTool(block);
      return 0;
    }
    const { pending } = block;
    block.pending = "";
    if (block.index < 0) {
      block.index = this.#events.open(
        block.type === "text" ? { type: "text", text: "" } : { type: "thinking", thinking: "", signature: "" },
      );
    }
    if (pending !== "") this.delta(block, pending);
    return pending.length;
  }

  /** Gives out a piece of an open text or thinking block. */
  delta(block: TextBlock | ThinkingBlock, text: string): void {
    if (block.type === "text") this.#events.text(block.index, text);
    else this.#events.thinking(block.index, text);
  }

  /**
   * Closes a block. `isLast`: no other block waits. Returns how much text is no longer held, in UTF-16 units; undefined where the block is a tool call
   * whose arguments are cut or are no JSON, so that it must not be run. It then stays open.
   */
  close(block: Block, isLast: boolean): number | undefined {
    let released = 0;
    switch (block.type) {
      case "search":
        this.#events.search(block.call, block.result);
        break;
      case "tool":
        if (!this.#closeTool(block)) return undefined;
        released = block.args.length;
        break;
      case "text":
        released = block.pending.length;
        if (block.index >= 0) this.#events.close(block.index);
        break;
      case "thinking":
        released = block.pending.length;
        if (block.index >= 0 || this.#openEmpty(block, isLast)) {
          this.#events.signature(block.index, this.#sign(block.details));
          this.#events.close(block.index);
        }
        break;
    }
    block.isClosed = true;
    if (block.type === "search" || block.index >= 0) this.#lastType = block.type;
    return released;
  }

  #flushTool(block: ToolBlock): void {
    if (block.index < 0) {
      block.index = this.#events.open({ type: "tool_use", id: block.id, name: block.name, input: {} });
      this.#hasToolUse = true;
    }
    if (block.mode !== "live" || block.pending === "") return;
    this.#events.json(block.index, block.pending);
    block.pending = "";
  }

  /** A thinking block without text is opened for its details, but never as the last after text: clients take the last block for the result. */
  #openEmpty(block: ThinkingBlock, isLast: boolean): boolean {
    if (block.details.length === 0) return false;
    if (this.#lastType === "text" && isLast) {
      this.#warnings.add("reasoning_detail_dropped", "reasoning details after the text were dropped");
      return false;
    }
    block.index = this.#events.open({ type: "thinking", thinking: "", signature: "" });
    return true;
  }

  #closeTool(block: ToolBlock): boolean {
    const last = lastArguments(block);
    if (last === undefined) return false;
    const { json, repair } = last;
    if (json !== "") this.#events.json(block.index, json);
    if (repair !== undefined) {
      this.#warnings.add("tool_json_repaired", `the arguments of tool ${block.name} were put right (${repair})`);
    }
    this.#events.close(block.index);
    return true;
  }
}

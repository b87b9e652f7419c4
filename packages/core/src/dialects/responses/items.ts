import { type JsonObject, parseJson } from "../../base/json.ts";
import type { TextBlock, ThinkingBlock, ToolBlock } from "../../conversation/answer/message-blocks.ts";
import type { MessageWriter } from "../../conversation/answer/message-writer.ts";
import type { ReasoningDetail } from "../../conversation/answer/reasoning-details.ts";
import { SaidParts } from "../../conversation/answer/said-parts.ts";
import type { StopAutomaton } from "../../conversation/answer/stop-automaton.ts";
import { argumentsText, isSameInput, withoutEmptyObjects } from "../../conversation/answer/tool-json.ts";
import { StopSequenceCutter, ThinkTagSplitter } from "../../conversation/answer/text-filters.ts";

/** Parts of the answer as a whole that its items need. */
export interface ItemHost {
  readonly writer: MessageWriter;
  /** Stop sequences that are enforced here; undefined where there are none. */
  readonly localStops: StopAutomaton | undefined;
  readonly thinkTags: boolean | "reasoning";
  readonly isCutShort: boolean;
  /** A local stop sequence has ended the text. */
  cutAt(stopSequence: string): void;
  nameCall(block: ToolBlock, callId: string, name: string): void;
  /** The whole arguments of a call are not what its pieces had said. */
  breakCall(): void;
  warn(code: string, message: string): void;
}

/** A message of the answer: each of its parts is a text block. */
export class MessageItem {
  readonly type = "message";
  isFinished = false;
  readonly #host: ItemHost;
  readonly #said = new SaidParts();
  #block: TextBlock | ThinkingBlock;
  readonly #cutter: StopSequenceCutter | undefined;
  readonly #tags: ThinkTagSplitter | undefined;
  #before: readonly ReasoningItem[];

  /** `before`: reasoning in front of it that has not ended yet. */
  constructor(host: ItemHost, before: readonly ReasoningItem[] = []) {
    this.#host = host;
    this.#before = before;
    this.#block = host.writer.addText();
    if (host.localStops) this.#cutter = new StopSequenceCutter(host.localStops, (text) => this.#show("text", text));
    if (host.thinkTags) {
      const sink = {
        text: (text: string): void => this.#plain(text),
        thinking: (text: string): void => this.#show("thinking", text),
      };
      this.#tags = new ThinkTagSplitter(sink, host.thinkTags === "reasoning" ? "reasoning" : "think");
    }
  }

  get hasSaid(): boolean {
    return !this.#said.isEmpty;
  }

  delta(part: number, text: string): void {
    const isNextPart = this.#said.add(part, text);
    // OpenRouter ends reasoning only with the answer: a reader who waits for the text is worth more than what the end may bring.
    for (const reasoning of this.#before) reasoning.giveWay();
    this.#before = [];
    if (isNextPart) {
      this.flush();
      this.#turnTo("text");
    }
    if (this.#tags) this.#tags.push(text);
    else this.#plain(text);
  }

  whole(part: number, text: string): void {
    const missing = this.#said.missing(part, text);
    if (missing === undefined) this.#host.warn("text_differs", "a text was not what its pieces had said");
    else if (missing !== "") this.delta(part, missing);
  }

  says(part: number, text: string): boolean {
    return this.#said.missing(part, text) === "";
  }

  /** Everything has come, as far as is known: what waits behind it may go on. */
  finish(): void {
    this.flush();
    this.#host.writer.finishBlock(this.#block);
  }

  flush(): void {
    this.#tags?.flush();
    this.#cutter?.flush();
  }

  #plain(text: string): void {
    const cutter = this.#cutter;
    if (cutter === undefined) {
      this.#show("text", text);
      return;
    }
    cutter.push(text);
    if (cutter.matched !== undefined) this.#host.cutAt(cutter.matched);
  }

  #show(kind: "text" | "thinking", text: string): void {
    if (this.#host.isCutShort) return;
    if (this.#block.type !== kind) this.#turnTo(kind);
    const { writer } = this.#host;
    if (writer.appendText(this.#block, text)) return;
    this.#turnTo(kind);
    writer.appendText(this.#block, text);
  }

  #turnTo(kind: "text" | "thinking"): void {
    const { writer } = this.#host;
    const before = this.#block;
    this.#block = kind === "text" ? writer.addText(before) : writer.addThinking(before);
    writer.finishBlock(before);
  }
}

/** A reasoning item: one thinking block, whose signature carries what must come back. */
export class ReasoningItem {
  readonly type = "reasoning";
  isFinished = false;
  readonly #host: ItemHost;
  readonly #said = new SaidParts();
  #block: ThinkingBlock;
  #detail: ReasoningDetail | undefined;
  #isAtPart = false;
  #isOrphan = false;
  #phase: string | undefined;

  constructor(host: ItemHost) {
    this.#host = host;
    this.#block = host.writer.addThinking();
  }

  get hasSaid(): boolean {
    return !this.#said.isEmpty;
  }

  /** Begins another part, whatever the number of the next piece. */
  beginPart(): void {
    this.#isAtPart = this.hasSaid;
  }

  /** `part` is `s` or `r` (summary, or the reasoning itself) and a number. */
  delta(part: string, text: string): void {
    const isNextPart = this.#said.add(part, text) || this.#isAtPart;
    this.#isAtPart = false;
    const isRaw = part.startsWith("r");
    const { writer } = this.#host;
    // OpenRouter ends an item only with the answer. Reasoning that is shown itself has nothing encrypted that would be worth waiting for.
    if (isRaw) this.#block.isDone = true;
    const shown = isNextPart ? `\n\n${text}` : text;
    if (!writer.appendText(this.#block, shown)) {
      this.#block = writer.addThinking();
      writer.appendText(this.#block, text);
    }
    if (!isRaw && this.#block.details.length === 0) this.#block.details.push({ type: "summary" });
  }

  whole(part: string, text: string): void {
    const missing = this.#said.missing(part, text);
    if (missing === undefined || missing === "") return;
    if (this.#block.isClosed)
      this.#host.warn("late_reasoning", "reasoning came after what it led to, and was left out");
    else this.delta(part, missing);
  }

  says(part: string, text: string): boolean {
    return this.#said.missing(part, text) === "";
  }

  /** The phase of the message that follows; it is known before the block can be closed. */
  followedBy(phase: string): void {
    this.#phase = phase;
    if (this.#detail) this.#detail["phase"] = phase;
  }

  /** Ends this item, because the one behind it has begun. */
  giveWay(): void {
    this.#block.isDone = true;
  }

  /** Marks this reasoning item as not replayable: the item that must follow it was not included in the message. */
  orphan(): void {
    this.#isOrphan = true;
    const { details } = this.#block;
    if (this.#detail === undefined) return;
    details.splice(details.indexOf(this.#detail), 1);
    if (this.hasSaid && details.length === 0) details.push({ type: "summary" });
  }

  /** The item as it was at its end, where there is one. */
  finish(item: JsonObject | undefined): void {
    const encrypted = item?.["encrypted_content"];
    if (typeof encrypted === "string" && encrypted !== "" && this.#detail === undefined && !this.#isOrphan) {
      if (this.#block.isClosed) {
        this.#host.warn("reasoning_detail_dropped", "encrypted reasoning came after its block was closed");
      }
      this.#detail = { type: "item", id: typeof item?.["id"] === "string" ? item["id"] : "", encrypted };
      if (this.#phase !== undefined) this.#detail["phase"] = this.#phase;
      this.#block.details.push(this.#detail);
    }
    this.#host.writer.finishBlock(this.#block);
  }
}

/** A function call: one tool use. */
export class CallItem {
  readonly type = "call";
  isFinished = false;
  callId = "";
  readonly #host: ItemHost;
  readonly #block: ToolBlock;
  #isLate = false;

  constructor(host: ItemHost) {
    this.#host = host;
    this.#block = host.writer.addTool();
  }

  get hasSaid(): boolean {
    return this.#block.args !== "";
  }

  /** Sets the names of the call; the first that has a name counts. */
  name(callId: string, name: string): void {
    if (this.callId === "") this.callId = callId;
    if (callId !== "") this.#block.hasIdentity = true;
    if (this.#block.name === "" && name !== "") this.#host.nameCall(this.#block, this.callId, name);
  }

  delta(args: string): void {
    const block = this.#block;
    // Nothing can follow whole arguments: what comes is a repetition.
    if (block.takes(args) && this.#host.writer.toolArguments(block, args)) return;
    if (this.#isLate || args.trim() === "") return;
    this.#isLate = true;
    this.#host.warn("late_tool_arguments", `arguments after the end of tool ${block.name} were dropped`);
  }

  /** The arguments as a whole, in any form. */
  whole(args: unknown): void {
    const text = withoutEmptyObjects(argumentsText(args));
    const block = this.#block;
    const { args: said } = block;
    // Arguments that grow are only put together when they are compared with a text that is at least as long.
    if (text.length >= said.length && text.startsWith(said)) {
      if (text.length === said.length) return;
      // Arguments that are complete but broken are held back, so that they can be repaired before any of them is sent.
      if (said === "" && parseJson(text) === undefined) block.hold();
      this.delta(text.slice(said.length));
    } else if (block.isComplete && block.takes(text)) this.delta(text);
    // A piece was lost or said twice: the call that its pieces make up is another one, even if they are JSON.
    else if (!isSameInput(text, { input: {} }) && !block.says(text)) this.#host.breakCall();
  }

  finish(): void {
    this.#host.writer.finishBlock(this.#block);
  }
}

/** An item that a client is shown nothing of, or nothing before its end. */
export class OtherItem {
  readonly type = "other";
  isFinished = false;
}

export type ResponseItem = MessageItem | ReasoningItem | CallItem | OtherItem;

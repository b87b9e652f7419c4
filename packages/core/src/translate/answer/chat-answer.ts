import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { StopReason, Usage } from "../../protocol/anthropic.ts";
import type { StreamFailure } from "../../policy/outcome.ts";
import type { ChatOperations } from "./chat-normalise.ts";
import { ChatToolCalls, type ToolCallEntry } from "./chat-tool-calls.ts";
import { readContextOverflow } from "../error/context-overflow.ts";
import type { TranslationContext, TranslationWarning } from "../context.ts";
import { stringifyJson, type JsonObject } from "../json-object.ts";
import type { ToolBlock } from "./message-blocks.ts";
import { MessageWriter } from "../message-writer.ts";
import { originOf, type ReasoningDetail } from "./reasoning-details.ts";
import { makeSignature } from "../code/signature.ts";
import { readMatchedStop, toStopReason, type FinishKind } from "./stop-reason.ts";
import { StopSequenceCutter, ThinkTagSplitter } from "./text-filters.ts";
import { encodeToolId } from "../code/tool-ids.ts";
import { noUsage, toMessageUsage } from "./usage.ts";

/** Makes a fresh id for a message or a tool call, such as `msg_…`; must be unique across restarts. */
export type GenerateId = (prefix: "msg_" | "toolu_") => string;

export interface ChatAnswerOptions {
  /** Default: ids made of the upstream's own id of the answer. */
  readonly generateId?: GenerateId | undefined;
  readonly maxHeldLength: number;
}

/** One answer in the making: takes the neutral operations, and drives the message writer with the request's context. */
export class ChatAnswer implements ChatOperations {
  readonly writer: MessageWriter;
  readonly #context: TranslationContext;
  readonly #options: ChatAnswerOptions;
  readonly #tools: ChatToolCalls;
  readonly #thinkTags: ThinkTagSplitter | undefined;
  readonly #cutter: StopSequenceCutter | undefined;
  readonly #toolIds = new Set<string>();
  #upstreamId = "";
  #firstChunk: JsonObject | undefined;
  #usage: JsonObject | undefined;
  #messageUsage: Usage | undefined;
  #finish: Exclude<FinishKind, "error"> | undefined;
  #matchedStop: string | undefined;
  #failure: StreamFailure | undefined;
  #stopReason: StopReason | undefined;

  constructor(context: TranslationContext, options: ChatAnswerOptions) {
    this.#context = context;
    this.#options = options;
    this.writer = new MessageWriter({
      model: context.requestedModel,
      messageId: () => this.#newId("msg_"),
      inputTokens: context.estimatedInputTokens,
      sign: (details) => this.#sign(details),
      maxHeldLength: options.maxHeldLength,
    });
    this.#tools = new ChatToolCalls({
      addTool: () => this.writer.addTool(),
      nameTool: (block, entry) => this.#nameTool(block, entry),
      toolArguments: (block, fragment) => this.writer.toolArguments(block, fragment),
      lateArguments: (block) =>
        this.#warn("late_tool_arguments", `arguments after the end of tool ${block.name} were dropped`),
    });
    const { localStopSequences } = context;
    if (localStopSequences.length > 0) {
      this.#cutter = new StopSequenceCutter(localStopSequences, (text) => this.writer.text(text));
    }
    if (context.thinkTags) {
      this.#thinkTags = new ThinkTagSplitter({
        text: (text) => this.#plainText(text),
        thinking: (text) => this.#thinking(text),
      });
    }
  }

  get hasContent(): boolean {
    return this.writer.hasContent;
  }

  /** The upstream has given a finish reason, or a local stop sequence has ended the text: nothing that still comes is needed. */
  get hasFinish(): boolean {
    return this.#finish !== undefined;
  }

  /** A local stop sequence has ended the answer: the upstream can be let go of. */
  get isCutShort(): boolean {
    return this.#cutter?.matched !== undefined;
  }

  get failure(): StreamFailure | undefined {
    return this.#failure;
  }

  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  get warnings(): readonly TranslationWarning[] {
    return this.writer.warnings;
  }

  /** As far as the upstream has told. */
  get messageUsage(): Usage | undefined {
    if (this.#usage !== undefined) this.#messageUsage ??= toMessageUsage(this.#usage);
    return this.#messageUsage;
  }

  identify(id: string, chunk: JsonObject): void {
    this.#firstChunk ??= chunk;
    if (this.#upstreamId === "" && id !== "") this.#upstreamId = id;
  }

  reasoning(text: string): void {
    this.#flushFilters();
    this.#thinking(text);
  }

  reasoningDetail(detail: JsonObject): void {
    if (!this.isCutShort) this.writer.thinkingDetail(detail);
  }

  text(text: string): void {
    if (this.#thinkTags) this.#thinkTags.push(text);
    else this.#plainText(text);
  }

  note(text: string): void {
    if (this.isCutShort) return;
    this.#flushFilters();
    this.writer.text(this.writer.isInText ? `\n\n${text}` : text);
    this.#warn("media_dropped", "the provider answered with images or audio, which were left out");
  }

  toolCalls(entries: readonly unknown[], form: "pieces" | "whole", thoughtSignature: string | undefined): void {
    if (this.isCutShort) return;
    this.#flushFilters();
    if (form === "pieces") this.#tools.delta(entries, thoughtSignature);
    else this.#tools.whole(entries, thoughtSignature);
  }

  usage(usage: JsonObject): void {
    this.#usage = usage;
    this.#messageUsage = undefined;
  }

  finish(kind: FinishKind, choice: JsonObject): void {
    if (kind === "error") return;
    // A later, more telling reason replaces a plain "stop", never the other way round.
    if (this.#finish !== undefined && this.#finish !== "stop") return;
    this.#finish = readContextWindow(choice) ? "context-window" : kind;
    const { stopSequences } = this.#context;
    this.#matchedStop ??= readMatchedStop(choice, stopSequences);
    if (kind === "stop-sequence" && stopSequences.length === 1) this.#matchedStop ??= stopSequences[0];
  }

  fail(failure: StreamFailure): void {
    if (this.#finish === undefined) this.#failure ??= failure;
    else if (this.#finish === "length" && failure.type === "error" && readContextOverflow(failure.error.message)) {
      this.#finish = "context-window";
    }
  }

  /** Ends the answer as whole: closes what is open, and says why it stopped. */
  complete(): void {
    this.#flushFilters();
    const matched = this.#cutter?.matched;
    const finish = this.#finish;
    this.writer.closeBlocks(matched !== undefined || finish === "length" || finish === "context-window");
    const stopSequence = matched ?? (finish === "stop" || finish === "stop-sequence" ? this.#matchedStop : undefined);
    this.#stopReason =
      stopSequence === undefined
        ? toStopReason(finish === "stop-sequence" ? "stop" : finish, this.writer.hasToolUse)
        : "stop_sequence";
    this.writer.finish({
      stopReason: this.#stopReason,
      stopSequence: stopSequence ?? null,
      usage: this.messageUsage ?? noUsage,
    });
  }

  #sign(details: readonly ReasoningDetail[]): string {
    const { provider } = this.#context;
    const origin = originOf(details);
    // Details that are nested beyond what JSON can be made of are no vendor's.
    const canReplay = origin.kind !== "rd" || stringifyJson(details) !== undefined;
    return makeSignature({ provider, origin: canReplay ? origin : { kind: "rc" } });
  }

  #plainText(text: string): void {
    if (this.#cutter) this.#cutter.push(text);
    else this.writer.text(text);
  }

  #thinking(text: string): void {
    if (!this.isCutShort) this.writer.thinking(text);
  }

  #flushFilters(): void {
    this.#thinkTags?.flush();
    this.#cutter?.flush();
  }

  #nameTool(block: ToolBlock, entry: ToolCallEntry): void {
    const upstreamId = entry.id === "" ? this.#newId("toolu_") : entry.id;
    let id = encodeToolId(upstreamId, entry.thoughtSignature);
    for (let count = 2; this.#toolIds.has(id); count += 1) {
      id = encodeToolId(`${upstreamId}_${count}`, entry.thoughtSignature);
    }
    this.#toolIds.add(id);
    this.writer.nameTool(block, id, this.#context.toolNames.get(entry.name) ?? entry.name);
  }

  /** Without a generator an id is made of the upstream's own, or where it gives none (Snowflake) of a hash of its first chunk. */
  #newId(prefix: "msg_" | "toolu_"): string {
    const { generateId } = this.#options;
    if (generateId) return generateId(prefix);
    if (this.#upstreamId === "") this.#upstreamId = hashOf(this.#firstChunk);
    const readable = this.#upstreamId.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 40);
    return prefix === "msg_" ? `${prefix}${readable}` : `${prefix}${readable}_${this.#toolIds.size + 1}`;
  }

  #warn(code: string, message: string): void {
    this.writer.warnings.push({ code, message });
  }
}

function readContextWindow(choice: JsonObject): boolean {
  return choice["native_finish_reason"] === "model_context_window_exceeded";
}

function hashOf(chunk: JsonObject | undefined): string {
  return bytesToHex(sha256(new TextEncoder().encode(stringifyJson(chunk) ?? ""))).slice(0, 24);
}

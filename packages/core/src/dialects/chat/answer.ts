import type { TranslationContext } from "../../conversation/context.ts";
import type { JsonObject } from "../../base/json.ts";
import { Answer, type AnswerOptions } from "../../conversation/answer/answer.ts";
import type { ChatOperations } from "./chat-operations.ts";
import { ChatToolCalls } from "./tool-calls.ts";
import { readMatchedStop, type FinishKind } from "../../conversation/answer/stop-reason.ts";
import { StopAutomaton } from "../../conversation/answer/stop-automaton.ts";
import { StopSequenceCutter, ThinkTagSplitter } from "../../conversation/answer/text-filters.ts";

/** An answer in Chat Completions' dialect: takes the neutral operations, and drives the message writer with the request's context. */
export class ChatAnswer extends Answer implements ChatOperations {
  readonly #tools: ChatToolCalls;
  readonly #thinkTags: ThinkTagSplitter | undefined;
  readonly #cutter: StopSequenceCutter | undefined;

  constructor(context: TranslationContext, options: AnswerOptions) {
    super(context, options);
    this.#tools = new ChatToolCalls(context.offeredTools, {
      addTool: () => this.writer.addTool(),
      announceTool: (block) => this.writer.announceTool(block),
      nameTool: (block, entry) =>
        this.writer.nameTool(block, this.newToolId(entry.id, entry.thoughtSignature), this.clientToolName(entry.name)),
      toolArguments: (block, fragment) => this.writer.toolArguments(block, fragment),
      lateArguments: (block) =>
        this.warn("late_tool_arguments", `arguments after the end of tool ${block.name} were dropped`),
    });
    const { localStopSequences } = context;
    if (localStopSequences.length > 0) {
      this.#cutter = new StopSequenceCutter(new StopAutomaton(localStopSequences), (text) => this.writer.text(text));
    }
    if (context.thinkTags) {
      const sink = {
        text: (text: string): void => this.#plainText(text),
        thinking: (text: string): void => this.#thinking(text),
      };
      this.#thinkTags = new ThinkTagSplitter(sink, context.thinkTags === "reasoning" ? "reasoning" : "think");
    }
  }

  protected override get localStop(): string | undefined {
    return this.#cutter?.matched;
  }

  reasoning(text: string): void {
    this.#thinkTags?.settle();
    this.flushFilters();
    this.#thinking(text);
  }

  reasoningDetail(detail: JsonObject): void {
    if (!this.isCutShort) this.writer.thinkingDetail(detail);
  }

  text(text: string): void {
    if (this.#thinkTags) this.#thinkTags.push(text);
    else this.#plainText(text);
  }

  refusal(text: string): void {
    this.markRefused();
    this.text(text);
  }

  note(text: string): void {
    if (this.isCutShort) return;
    this.flushFilters();
    this.writer.text(this.writer.isInText ? `\n\n${text}` : text);
    this.warn("media_dropped", "the provider answered with images or audio, which were left out");
  }

  toolCalls(entries: readonly unknown[], form: "pieces" | "whole", thoughtSignature: string | undefined): void {
    if (this.isCutShort) return;
    this.flushFilters();
    if (form === "pieces") this.#tools.delta(entries, thoughtSignature);
    else this.#tools.whole(entries, thoughtSignature);
  }

  finish(kind: FinishKind, choice: JsonObject): void {
    if (kind === "error") return;
    // A later, more telling reason replaces a plain "stop", never the other way round.
    if (this.finishKind !== undefined && this.finishKind !== "stop") return;
    this.finishKind = readContextWindow(choice) ? "context-window" : kind;
    const { stopSequences } = this.context;
    this.matchedStop ??= readMatchedStop(choice, stopSequences);
    if (kind === "stop-sequence" && stopSequences.length === 1) this.matchedStop ??= stopSequences[0];
  }

  protected override settleCalls(): void {
    this.#tools.settle();
  }

  protected override flushFilters(): void {
    this.#thinkTags?.flush();
    this.#cutter?.flush();
  }

  #plainText(text: string): void {
    if (this.#cutter) this.#cutter.push(text);
    else this.writer.text(text);
  }

  #thinking(text: string): void {
    if (!this.isCutShort) this.writer.thinking(text);
  }
}

function readContextWindow(choice: JsonObject): boolean {
  return choice["native_finish_reason"] === "model_context_window_exceeded";
}

import type { ServerToolUseBlock, Usage } from "../../protocol/anthropic.ts";
import type { ReasoningOrigin } from "../../conversation/ids/signature.ts";
import type { JsonObject } from "../../base/json.ts";
import { Answer } from "../../conversation/answer/answer.ts";
import type { ToolBlock } from "../../conversation/answer/message-blocks.ts";
import type { ReasoningDetail } from "../../conversation/answer/reasoning-details.ts";
import { CallItem, MessageItem, ReasoningItem, type ItemHost } from "./items.ts";
import { StopAutomaton } from "../../conversation/answer/stop-automaton.ts";
import { readFinishReason, type FinishKind } from "../../conversation/answer/stop-reason.ts";
import { noUsage } from "../../conversation/answer/usage.ts";
import { readWebSearch } from "../../conversation/answer/web-search.ts";

/** An answer in the dialect of OpenAI Responses: gives its items their places in the message, in the order in which they come. */
export class ResponsesAnswer extends Answer implements ItemHost {
  readonly #messages: MessageItem[] = [];
  /** Reasoning item that the next item was made from. */
  #reasoning: ReasoningItem | undefined;
  /** Reasoning since the last message. */
  #thoughts: ReasoningItem[] = [];
  /** Made once for all messages of the answer. */
  #localStops: StopAutomaton | undefined;
  #localStop: string | undefined;
  #searches = 0;
  readonly #dropped = new Set<string>();

  get localStops(): StopAutomaton | undefined {
    const { localStopSequences } = this.context;
    if (localStopSequences.length > 0) this.#localStops ??= new StopAutomaton(localStopSequences);
    return this.#localStops;
  }

  get thinkTags(): boolean | "reasoning" {
    return this.context.thinkTags;
  }

  override get isTerminated(): boolean {
    return this.finishKind !== undefined;
  }

  override get messageUsage(): Usage | undefined {
    const usage = super.messageUsage;
    if (this.#searches === 0) return usage;
    const counts = { web_search_requests: this.#searches, web_fetch_requests: 0 };
    return { ...(usage ?? noUsage), server_tool_use: counts };
  }

  protected override get localStop(): string | undefined {
    return this.#localStop;
  }

  addMessage(phase: string | undefined): MessageItem {
    if (phase !== undefined) this.#reasoning?.followedBy(phase);
    this.#reasoning = undefined;
    const item = new MessageItem(
      this,
      this.#thoughts.filter((thought) => !thought.isFinished),
    );
    this.#thoughts = [];
    this.#messages.push(item);
    return item;
  }

  addReasoning(): ReasoningItem {
    this.#reasoning = new ReasoningItem(this);
    this.#thoughts.push(this.#reasoning);
    return this.#reasoning;
  }

  addCall(): CallItem {
    this.#reasoning = undefined;
    return new CallItem(this);
  }

  /** An item begins that has no place in a message of this API. */
  passOver(): void {
    this.#reasoning?.orphan();
    this.#reasoning = undefined;
  }

  /** The same item once it is whole. */
  addOther(item: JsonObject): void {
    const type = typeof item["type"] === "string" ? item["type"] : "without a type";
    const isSearch = type === "web_search_call";
    // The one server tool that there is; clients may call it what they like.
    const [name] = this.context.serverTools ?? [];
    const search = isSearch && name !== undefined ? readWebSearch(item) : undefined;
    if (search && name !== undefined) {
      const { query, results } = search;
      this.#searches += 1;
      // An id's end tells it from others; with all of it, it would be longer than an id may be.
      const id = this.newServerToolId(typeof item["id"] === "string" ? item["id"].slice(-45) : "");
      this.writer.addSearch(
        { type: "server_tool_use", id, name: name as ServerToolUseBlock["name"], input: { query } },
        { type: "web_search_tool_result", tool_use_id: id, content: results },
      );
    } else if (!isSearch && !this.#dropped.has(type)) {
      this.#dropped.add(type);
      this.warn("item_dropped", `items of the type ${type.slice(0, 100)} were left out`);
    }
  }

  /** Text of the answer itself, or (`refusal`) of its refusal. */
  spoken(kind: "text" | "refusal"): void {
    if (kind === "refusal") this.markRefused();
  }

  /** The upstream says that its answer is whole, or (`reason`) why it stopped before. */
  finish(reason: string | undefined): void {
    if (this.finishKind !== undefined) return;
    const kind: FinishKind = readFinishReason(reason) ?? "stop";
    // Whatever word an incomplete answer gives: what cut a call is a limit, and the call stays unfinished.
    const isCut = reason !== undefined && kind !== "refusal" && this.writer.hasUnfinishedTool;
    if (kind !== "error") this.finishKind = isCut ? "length" : kind;
  }

  cutAt(stopSequence: string): void {
    this.#localStop ??= stopSequence;
  }

  /** Decides whether the request offered a tool of this name, as far as known. */
  offers(name: string): boolean {
    return this.context.offeredTools?.has(name) === true;
  }

  nameCall(block: ToolBlock, callId: string, name: string): void {
    this.writer.nameTool(block, this.newToolId(callId), this.clientToolName(name));
  }

  breakCall(): void {
    this.writer.breakCall("the arguments of a tool call are not what their pieces had said");
  }

  override warn(code: string, message: string): void {
    super.warn(code, message);
  }

  protected override flushFilters(): void {
    for (const message of this.#messages) message.flush();
  }

  protected override originOf(details: readonly ReasoningDetail[]): ReasoningOrigin {
    const detail = details.find(({ type }) => type === "item");
    if (detail === undefined) return { kind: details.length === 0 ? "rc" : "none" };
    const { id, encrypted, phase } = detail;
    return {
      kind: "rs",
      id: String(id),
      encryptedContent: String(encrypted),
      ...(typeof phase === "string" && { phase }),
    };
  }
}

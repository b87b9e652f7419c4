import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { StopReason, Usage } from "../../protocol/anthropic.ts";
import type { StreamFailure } from "../../policy/outcome.ts";
import { makeSignature, type ReasoningOrigin } from "../code/signature.ts";
import { encodeToolId } from "../code/tool-ids.ts";
import type { TranslationContext, TranslationWarning } from "../context.ts";
import { readContextOverflow } from "../../failures/limits.ts";
import { stringifyJson, type JsonObject } from "../json-object.ts";
import { MessageWriter } from "../message-writer.ts";
import { originOf, type ReasoningDetail } from "./reasoning-details.ts";
import { toStopReason, type FinishKind } from "./stop-reason.ts";
import { isUsage, laterUsage, noUsage, oddCounts, toMessageUsage } from "./usage.ts";

/** Makes a fresh id for a message or a tool call, such as `msg_…`; must be unique across restarts. */
export type GenerateId = (prefix: "msg_" | "toolu_") => string;

export interface AnswerOptions {
  /** Default: ids made of the upstream's own id of the answer. */
  readonly generateId?: GenerateId | undefined;
  readonly maxHeldLength: number;
}

/** One answer in the making, whatever its dialect: ids, counts, why it stops, and the writer that its content goes to. */
export class Answer {
  readonly writer: MessageWriter;
  protected readonly context: TranslationContext;
  /** The upstream's own reason for its end. */
  protected finishKind: Exclude<FinishKind, "error"> | undefined;
  /** The stop sequence of the request that the upstream says it ended at. */
  protected matchedStop: string | undefined;
  readonly #options: AnswerOptions;
  readonly #toolIds = new Set<string>();
  readonly #oddCounts = new Set<string>();
  /** How often each upstream id has come: the search for a free one goes on where it stopped. */
  readonly #toolIdCounts = new Map<string, number>();
  #upstreamId = "";
  #firstChunk: JsonObject | undefined;
  #usage: JsonObject | undefined;
  #messageUsage: Usage | undefined;
  #failure: StreamFailure | undefined;
  #stopReason: StopReason | undefined;

  constructor(context: TranslationContext, options: AnswerOptions) {
    this.context = context;
    this.#options = options;
    this.writer = new MessageWriter({
      model: context.requestedModel,
      messageId: () => this.#newId("msg_"),
      inputTokens: context.estimatedInputTokens,
      sign: (details) => makeSignature({ provider: context.provider, origin: this.originOf(details) }),
      maxHeldLength: options.maxHeldLength,
    });
  }

  /** Something of the answer has come. */
  get hasContent(): boolean {
    return this.writer.hasContent;
  }

  /** The upstream has given a reason for its end, or a local stop sequence has ended the text: nothing that still comes is needed. */
  get hasFinish(): boolean {
    return this.finishKind !== undefined;
  }

  /** The upstream's last word of this answer has come: whatever follows is not part of it. */
  get isTerminated(): boolean {
    return false;
  }

  /** A local stop sequence has ended the answer: the upstream can be let go of. */
  get isCutShort(): boolean {
    return this.localStop !== undefined;
  }

  /** The stop sequence that was enforced here. */
  protected get localStop(): string | undefined {
    return undefined;
  }

  get failure(): StreamFailure | undefined {
    return this.#failure ?? this.writer.failure;
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

  /** A chunk has come; `id` is the upstream's of the answer, `""` where it gives none. */
  identify(id: string, chunk: JsonObject): void {
    this.#firstChunk ??= chunk;
    if (this.#upstreamId === "" && id !== "") this.#upstreamId = id;
  }

  /** Takes the counts of a chunk or an answer. Those that cannot be counts are left out, with a warning each. */
  usage(usage: unknown): void {
    for (const name of oddCounts(usage)) {
      if (this.#oddCounts.has(name)) continue;
      this.#oddCounts.add(name);
      this.warn("count_dropped", `the count ${name} is not a whole number from 0 to 2^53 and was left out`);
    }
    if (!isUsage(usage)) return;
    this.#usage = laterUsage(this.#usage, usage);
    this.#messageUsage = undefined;
  }

  fail(failure: StreamFailure): void {
    if (this.finishKind === undefined) this.#failure ??= failure;
    else if (this.finishKind === "length" && failure.type === "error" && readContextOverflow(failure.error)) {
      this.finishKind = "context-window";
    }
  }

  /** Ends the answer as whole: closes what is open, and says why it stopped. Sets `failure` instead where a tool call in it is broken. */
  complete(): void {
    this.flushFilters();
    this.settleCalls();
    const { localStop, finishKind: finish } = this;
    this.writer.closeBlocks(localStop === undefined && (finish === "length" || finish === "context-window"));
    if (this.writer.failure) return;
    const stopSequence = localStop ?? (finish === "stop" || finish === "stop-sequence" ? this.matchedStop : undefined);
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

  /** Gives out text that was held because it could have become a tag or a stop sequence. */
  protected flushFilters(): void {
    // without filters nothing is held
  }

  /** Names the tool calls whose names could still have grown. */
  protected settleCalls(): void {
    // in most dialects names come whole
  }

  /** What a thinking block was upstream. */
  protected originOf(details: readonly ReasoningDetail[]): ReasoningOrigin {
    const origin = originOf(details);
    // Details that are nested beyond what JSON can be made of are no vendor's.
    return origin.kind !== "rd" || stringifyJson(details) !== undefined ? origin : { kind: "rc" };
  }

  /** The client's id of a tool call; no two of a message are the same, whatever the upstream says. */
  protected newToolId(upstreamId: string, thoughtSignature?: string): string {
    const ownId = upstreamId === "" ? this.#newId("toolu_") : upstreamId;
    const key = thoughtSignature === undefined ? ownId : `${ownId}\u0000${thoughtSignature}`;
    let count = (this.#toolIdCounts.get(key) ?? 0) + 1;
    let id = encodeToolId(count === 1 ? ownId : `${ownId}_${count}`, thoughtSignature);
    while (this.#toolIds.has(id)) {
      count += 1;
      id = encodeToolId(`${ownId}_${count}`, thoughtSignature);
    }
    this.#toolIdCounts.set(key, count);
    this.#toolIds.add(id);
    return id;
  }

  protected clientToolName(name: string): string {
    return this.context.toolNames.get(name) ?? name;
  }

  protected warn(code: string, message: string): void {
    this.writer.warn(code, message);
  }

  /** Without a generator an id is made of the upstream's own, or where it gives none (Snowflake) of a hash of its first chunk. */
  #newId(prefix: "msg_" | "toolu_"): string {
    const { generateId } = this.#options;
    if (generateId) return generateId(prefix);
    if (this.#upstreamId === "") this.#upstreamId = hashOf(this.#firstChunk);
    const readable = this.#upstreamId.slice(0, 40).replaceAll(/[^A-Za-z0-9_-]/g, "_");
    return prefix === "msg_" ? `${prefix}${readable}` : `${prefix}${readable}_${this.#toolIds.size + 1}`;
  }
}

function hashOf(chunk: JsonObject | undefined): string {
  return bytesToHex(sha256(new TextEncoder().encode(stringifyJson(chunk) ?? ""))).slice(0, 24);
}

import { meantName } from "../ids/meant-name.ts";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { StopReason, Usage } from "../../protocol/anthropic.ts";
import type { StreamFailure } from "../../base/outcome.ts";
import { makeSignature, type ReasoningOrigin } from "../ids/signature.ts";
import { forgeServerToolId } from "../ids/server-tool-ids.ts";
import { provenanceTag } from "../ids/provenance.ts";
import { encodeToolId, readToolId } from "../ids/tool-ids.ts";
import type { TranslationContext, TranslationWarning } from "../context.ts";
import { readContextOverflow } from "../../failures/limits.ts";
import { stringifyJson, type JsonObject } from "../../base/json.ts";
import { MessageWriter } from "./message-writer.ts";
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
  readonly #toolIds: Set<string>;
  /** Worked out when a thought signature comes. */
  #maker: string | undefined;
  readonly #oddCounts = new Set<string>();
  /**
   * Number of uses of each upstream id in the conversation, so that the search for a free one goes on where it
   * stopped.
   */
  readonly #toolIdCounts: Map<string, number>;
  #upstreamId = "";
  #madeIds = 0;
  #firstChunk: JsonObject | undefined;
  #usage: JsonObject | undefined;
  #messageUsage: Usage | undefined;
  #failure: StreamFailure | undefined;
  #stopReason: StopReason | undefined;
  #isRefused = false;

  constructor(context: TranslationContext, options: AnswerOptions) {
    this.context = context;
    this.#options = options;
    const used = context.usedToolIds ?? [];
    this.#toolIds = new Set(used);
    this.#toolIdCounts = countCopies(used);
    this.writer = new MessageWriter({
      model: context.requestedModel,
      messageId: () => this.#newId("msg_"),
      inputTokens: context.estimatedInputTokens,
      sign: (details) => this.#sign(this.originOf(details)),
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

  /** True if a local stop sequence has ended the answer, so that the upstream can be closed. */
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

  /** Tokens, as far as the upstream has reported them. */
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
    this.#stopReason = stopSequence === undefined ? this.#ownStopReason(finish) : "stop_sequence";
    this.writer.finish({
      stopReason: this.#stopReason,
      stopSequence: stopSequence ?? null,
      usage: this.messageUsage ?? noUsage,
    });
  }

  #ownStopReason(finish: Exclude<FinishKind, "error"> | undefined): StopReason {
    const { hasToolUse } = this.writer;
    const kind = finish === "stop-sequence" ? "stop" : finish;
    // Vendors end a refusal with an ordinary "stop". A call that was given out is to be run all the same.
    const isRefusal = this.#isRefused && !hasToolUse && (kind === "stop" || kind === undefined);
    return isRefusal ? "refusal" : toStopReason(kind, hasToolUse);
  }

  /** The model has refused in a member or a part of its own. */
  protected markRefused(): void {
    this.#isRefused = true;
  }

  /** Gives out text that was held because it could have become a tag or a stop sequence. */
  protected flushFilters(): void {
    // without filters nothing is held
  }

  /** Names the tool calls whose names could still have grown. */
  protected settleCalls(): void {
    // in most dialects names come whole
  }

  /** Determines the member of the upstream's answer that a thinking block came in. */
  protected originOf(details: readonly ReasoningDetail[]): ReasoningOrigin {
    const origin = originOf(details);
    // Details that are nested beyond what JSON can be made of are no vendor's.
    return origin.kind !== "rd" || stringifyJson(details) !== undefined ? origin : { kind: "rc" };
  }

  /**
   * The client's id of a tool call; no two of a conversation are the same, whatever the upstream says. Claude Code takes a second call of an id for
   * the first one that was interrupted, and Anthropic's API refuses such a history.
   */
  protected newToolId(upstreamId: string, thoughtSignature?: string): string {
    const ownId = upstreamId === "" ? this.#newId("toolu_") : upstreamId;
    let copy = (this.#toolIdCounts.get(ownId) ?? 0) + 1;
    const maker = thoughtSignature === undefined ? undefined : this.#makerTag;
    let id = encodeToolId(ownId, thoughtSignature, copy, maker);
    while (this.#toolIds.has(id)) {
      copy += 1;
      id = encodeToolId(ownId, thoughtSignature, copy, maker);
    }
    this.#toolIdCounts.set(ownId, copy);
    this.#toolIds.add(id);
    return id;
  }

  /** The same for a call that the provider ran itself: its id is forged, and shows it. */
  protected newServerToolId(upstreamId: string): string {
    const forged = forgeServerToolId(upstreamId === "" ? this.#newId("toolu_") : upstreamId);
    const count = (this.#toolIdCounts.get(forged) ?? 0) + 1;
    let copy = count;
    let id = copy === 1 ? forged : `${forged}_${copy}`;
    while (this.#toolIds.has(id)) {
      copy += 1;
      id = `${forged}_${copy}`;
    }
    this.#toolIdCounts.set(forged, copy);
    this.#toolIds.add(id);
    return id;
  }

  protected clientToolName(name: string): string {
    const { offeredTools, toolNames } = this.context;
    const meant = offeredTools === undefined ? name : meantName(name, offeredTools);
    if (meant !== name)
      this.warn("tool_name_mended", "the name of a tool call was not one of the request's tools, and was mended");
    return toolNames.get(meant) ?? meant;
  }

  protected warn(code: string, message: string): void {
    this.writer.warn(code, message);
  }

  #sign(origin: ReasoningOrigin): string {
    const { provider, upstreamModel: model } = this.context;
    return makeSignature({ provider, ...(model !== undefined && { model }), origin });
  }

  get #makerTag(): string | undefined {
    const { provider, upstreamModel: model } = this.context;
    if (provider === undefined && model === undefined) return undefined;
    this.#maker ??= provenanceTag({ provider, model });
    return this.#maker;
  }

  /** Without a generator an id is made of the upstream's own, or where it gives none (Snowflake) of a hash of its first chunk. */
  #newId(prefix: "msg_" | "toolu_"): string {
    const { generateId } = this.#options;
    if (generateId) return generateId(prefix);
    if (this.#upstreamId === "") this.#upstreamId = hashOf(this.#firstChunk);
    const readable = this.#upstreamId.slice(0, 40).replaceAll(/[^A-Za-z0-9_-]/g, "_");
    return prefix === "msg_" ? `${prefix}${readable}` : `${prefix}${readable}_${(this.#madeIds += 1)}`;
  }
}

/** The highest copy of each upstream id among the client's ids of a conversation. */
function countCopies(used: Iterable<string>): Map<string, number> {
  const copies = new Map<string, number>();
  for (const clientId of used) {
    const { id, copy = 1 } = readToolId(clientId);
    copies.set(id, Math.max(copy, copies.get(id) ?? 0));
  }
  return copies;
}

function hashOf(chunk: JsonObject | undefined): string {
  return bytesToHex(sha256(new TextEncoder().encode(stringifyJson(chunk) ?? ""))).slice(0, 24);
}

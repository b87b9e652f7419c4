import type { Message, MessagesRequest } from "../../protocol/anthropic.ts";
import { estimateTokens } from "../../tokens/estimate.ts";
import type { TranslationContext } from "../context.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { kindOf, misuse } from "../../base/misuse.ts";
import { resolveProfile } from "../../vendors/profile.ts";
import type { Profile, ProfileOverride } from "../../base/profile-types.ts";
import { CacheMarks } from "./cache-marks.ts";
import { compactionRefused, invalidRequest, requireObject } from "./invalid-request.ts";
import type { RequestScope } from "./request-scope.ts";
import type { Sampling } from "./sampling.ts";
import { loneWebSearch, unavailableSearch } from "./search-answer.ts";
import { planTools, type ToolPlan } from "./tool-plan.ts";
import { ToolReferences } from "./tool-reference.ts";
import { printableName, WarningList } from "./warning-list.ts";

/** Target of a translation; the same for both dialects. */
export interface TranslationTarget {
  /** The upstream's name of the model. */
  readonly model: string;
  /** A whole profile, or what differs from the built-in one of `baseUrl` and `model`. */
  readonly profile?: Profile | ProfileOverride;
  /**
   * Unique name of the provider. Reasoning that it made itself, with the same model if it is opaque, may be replayed
   * to it.
   */
  readonly provider?: string;
  readonly baseUrl?: string;
  /** Corrects the estimate of the prompt (`EstimateOptions.factor`). */
  readonly tokenFactor?: number;
}

/** A translation that has begun: the request as far as both dialects read it alike. */
export interface OpenTranslation {
  readonly source: JsonObject;
  readonly target: TranslationTarget;
  readonly messages: readonly unknown[];
  readonly stream: boolean;
  readonly plan: ToolPlan;
  readonly scope: RequestScope;
}

// Members that are read somewhere; all others get a warning.
const knownMembers: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "max_tokens",
  "system",
  "stream",
  "temperature",
  "top_p",
  "top_k",
  "stop_sequences",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "output_format",
  "metadata",
  "cache_control",
]);

/** Begins a translation. Throws `invalid_request` where the request is none, or has no messages. */
export function openTranslation(
  request: MessagesRequest,
  target: TranslationTarget,
  dialect: RequestScope["dialect"],
): OpenTranslation {
  const source = requireObject(request, "the request");
  checkTarget(target);
  const profile = resolveProfile({
    model: target.model,
    ...(target.baseUrl !== undefined && { baseUrl: target.baseUrl }),
    ...(target.profile && { override: target.profile }),
  });
  if (isObject(source["compaction"])) throw compactionRefused();
  const messages = readMessages(source["messages"]);
  const warnings = new WarningList();
  const runsWebSearch = dialect === "responses" && profile.webSearch;
  const marks = new CacheMarks(markMode(profile, dialect), warnings);
  marks.carryRequest(source);
  const plan = planTools(source["tools"], messages, { profile, warnings, marks, runsWebSearch });
  const scope: RequestScope = {
    dialect,
    profile,
    provenance: { provider: target.provider, model: target.model },
    warnings,
    marks,
    names: plan.names,
    references: new ToolReferences(plan.tools, plan.names),
  };
  return { source, target, messages, stream: source["stream"] === true, plan, scope };
}

// Called from JavaScript too.
function checkTarget(target: unknown): void {
  if (!isObject(target)) throw misuse("options", `are ${kindOf(target)}`, 'pass { model: "…" }, the provider\'s model');
  const { model } = target;
  if (typeof model === "string" && model !== "") return;
  throw misuse("options.model", `is ${kindOf(model)}`, "write the name of the provider's model");
}

/**
 * Completes a translation: builds the facts for the translators of the answer, or the answer itself if no upstream is
 * needed, and adds warnings about members that were not read.
 */
export function closeTranslation(
  { source, target, messages, stream, plan, scope }: OpenTranslation,
  request: MessagesRequest,
  sampling: Sampling,
): { readonly context: TranslationContext; readonly localAnswer?: Message } {
  warnUnknown(source, scope);
  warnOfOutputConfig(source["output_config"], scope);
  warnOfDisplay(source["thinking"], scope);
  const context: TranslationContext = {
    requestedModel: typeof source["model"] === "string" ? source["model"] : target.model,
    stream,
    ...(scope.dialect === "responses" && { dialect: scope.dialect }),
    ...(plan.webSearch && { serverTools: new Set([plan.webSearch.name]) }),
    ...(target.provider !== undefined && { provider: target.provider }),
    upstreamModel: target.model,
    toolNames: plan.names.toClient,
    ...(plan.tools.size > 0 && { offeredTools: new Set([...plan.tools.values()].map((tool) => tool.function.name)) }),
    ...usedToolIds(messages),
    stopSequences: sampling.stopSequences,
    localStopSequences: sampling.localStopSequences,
    thinkTags: scope.profile.thinkTags,
    estimatedInputTokens: estimateTokens(request, {
      model: target.model,
      ...(target.tokenFactor !== undefined && { factor: target.tokenFactor }),
    }),
  };
  const localAnswer = answerHere(source, messages, { plan, context });
  return localAnswer ? { context, localAnswer } : { context };
}

/** The answer where no upstream has to be asked, or none could give one. */
function answerHere(
  source: JsonObject,
  messages: readonly unknown[],
  { plan, context }: { readonly plan: ToolPlan; readonly context: TranslationContext },
): Message | undefined {
  if (source["max_tokens"] === 0) return emptyAnswer(context);
  const search = plan.webSearch || plan.tools.size > 0 ? undefined : loneWebSearch(source["tools"]);
  return search === undefined ? undefined : unavailableSearch(search, messages, context.requestedModel);
}

/** The ids of all calls in a conversation, also of those that are not sent on: the client knows them. */
function usedToolIds(messages: readonly unknown[]): Pick<TranslationContext, "usedToolIds"> {
  const ids = new Set<string>();
  for (const message of messages) {
    const content = isObject(message) && message["role"] === "assistant" ? message["content"] : undefined;
    if (!Array.isArray(content)) continue;
    for (const block of content) if (isObject(block) && typeof block["id"] === "string") ids.add(block["id"]);
  }
  return ids.size === 0 ? {} : { usedToolIds: ids };
}

/** Anthropic's own marks are an extension of Chat Completions at some gateways; Responses knows OpenAI's. */
function markMode({ cacheControl }: Profile, dialect: RequestScope["dialect"]): Profile["cacheControl"] {
  return dialect === "responses" && cacheControl === "pass" ? "strip" : cacheControl;
}

function readMessages(messages: unknown): readonly unknown[] {
  if (!Array.isArray(messages)) throw invalidRequest("messages", "an array is required");
  if (messages.length === 0) throw invalidRequest("messages", "at least one message is required");
  return messages;
}

function warnUnknown(source: JsonObject, { profile, warnings }: RequestScope): void {
  for (const [key, value] of Object.entries(source)) {
    if (knownMembers.has(key) || value === null || value === undefined) continue;
    if (key === "speed" && profile.serviceTier) continue;
    const name = key.slice(0, 64).replaceAll(/\W+/g, "_");
    warnings.add("member_dropped", `${name} dropped`, name);
  }
}

function warnOfOutputConfig(config: unknown, { warnings }: RequestScope): void {
  if (!isObject(config)) return;
  for (const [key, value] of Object.entries(config)) {
    if (key === "effort" || key === "format" || value === null || value === undefined) continue;
    const name = printableName(key);
    warnings.add("output_config_dropped", `${name} dropped`, `output_config.${name}`);
  }
}

/**
 * Warns if the wish for how thinking is shown cannot be met. Responses sends a summary or none; over Chat Completions
 * the provider decides.
 */
function warnOfDisplay(thinking: unknown, { dialect, profile, warnings }: RequestScope): void {
  if (!isObject(thinking) || thinking["type"] === "disabled") return;
  const { display } = thinking;
  if (typeof display !== "string") return;
  const isObeyed = dialect === "responses" && (display === "omitted" || profile.reasoningSummary);
  if (!isObeyed)
    warnings.add(
      "thinking_display_dropped",
      "display of thinking dropped: it is shown as the provider sends it",
      "thinking.display",
    );
}

function emptyAnswer(context: TranslationContext): Message {
  return {
    id: "msg_nothing_generated",
    type: "message",
    role: "assistant",
    model: context.requestedModel,
    content: [],
    stop_reason: "max_tokens",
    stop_sequence: null,
    usage: { input_tokens: 0, output_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
  };
}

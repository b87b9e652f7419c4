import type { ChatMessage, ChatRequest } from "../protocol/chat.ts";
import type { Message, MessagesRequest } from "../protocol/anthropic.ts";
import { estimateTokens } from "../tokens/estimate.ts";
import { CacheMarks } from "./request/cache-marks.ts";
import { planTools, toToolChoice } from "./request/chat-tools.ts";
import type { TranslationContext, TranslationWarning } from "./context.ts";
import { toChatMessages } from "./request/history.ts";
import { invalidRequest, requireObject } from "./request/invalid-request.ts";
import type { JsonObject } from "./json-object.ts";
import { type Profile, type ProfileOverride, resolveProfile } from "./profile.ts";
import { readThinkingWish, toReasoning } from "./request/reasoning-effort.ts";
import type { RequestScope } from "./request/request-scope.ts";
import { toResponseFormat } from "./request/response-format.ts";
import { arrangeRoles } from "./request/role-order.ts";
import { readSampling } from "./request/sampling.ts";
import { systemContent } from "./request/system-text.ts";
import { readUserId } from "./request/user-id.ts";
import { WarningList } from "./request/warning-list.ts";

export interface ChatRequestOptions {
  /** The upstream's name of the model. */
  readonly model: string;
  /** A whole profile, or what differs from the built-in one of `baseUrl` and `model`. */
  readonly profile?: Profile | ProfileOverride;
  /** Name of the provider: thinking that it made itself may be replayed to it. */
  readonly provider?: string;
  readonly baseUrl?: string;
}

export interface ChatTranslation {
  readonly body: ChatRequest;
  /** For the translators of the answer. */
  readonly context: TranslationContext;
  readonly warnings: readonly TranslationWarning[];
  /**
   * There only where no upstream is needed: `max_tokens: 0` asks Anthropic's API to fill its prompt cache and to answer nothing, which Chat
   * Completions cannot be told.
   */
  readonly localAnswer?: Message;
}

// Members that are read somewhere below; all others get a warning.
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
]);

/**
 * Translates a Messages request for Chat Completions. Pure and deterministic: the request is not changed, and the same request always gives the
 * same bytes (prompt caches depend on it). Nothing is passed on that is not known: what is left out or replaced is in `warnings`. Throws
 * `CcpbError` `invalid_request` (status 400) that names the JSON path of what cannot be read.
 */
export function toChatRequest(request: MessagesRequest, options: ChatRequestOptions): ChatTranslation {
  const source = requireObject(request, "the request");
  const { model } = options;
  const profile = resolveProfile({
    model,
    ...(options.baseUrl !== undefined && { baseUrl: options.baseUrl }),
    ...(options.profile && { override: options.profile }),
  });
  const messages = readMessages(source["messages"]);
  const warnings = new WarningList();
  const plan = planTools(source["tools"], messages, profile, warnings);
  const scope: RequestScope = {
    profile,
    provider: options.provider,
    warnings,
    marks: new CacheMarks(profile.cacheControl, warnings),
    names: plan.names,
    tools: plan.tools,
  };
  const stream = source["stream"] === true;
  const { responseFormat, instruction } = toResponseFormat(source, profile, warnings);
  const chatMessages = arrangeRoles(
    [...systemMessage(source["system"], instruction, scope), ...toChatMessages(messages, scope)],
    profile,
    warnings,
  );
  scope.marks.settle();
  const choice = toToolChoice(source["tool_choice"], plan, profile, warnings);
  const isForced = choice.tool_choice === "required" || typeof choice.tool_choice === "object";
  const wish = readThinkingWish(source, messages);
  const reasoning = toReasoning(wish, profile, { hasTools: plan.tools.size > 0, isForced, stream }, warnings);
  const sampling = readSampling(source, profile, reasoning.reasoning_effort === "none", warnings);
  warnUnknown(source, profile, warnings);

  // The order is part of the bytes.
  const body: ChatRequest = {
    model,
    messages: chatMessages,
    ...sampling.fields,
    ...(stream && { stream }),
    ...(stream && profile.streamUsage && { stream_options: { include_usage: true } }),
    ...(plan.tools.size > 0 && { tools: [...plan.tools.values()] }),
    ...choice,
    ...(responseFormat && { response_format: responseFormat }),
    ...reasoning,
    ...identityFields(source, profile),
    ...profile.extraBody,
  };
  const context: TranslationContext = {
    requestedModel: typeof source["model"] === "string" ? source["model"] : model,
    stream,
    ...(options.provider !== undefined && { provider: options.provider }),
    toolNames: plan.names.toClient,
    stopSequences: sampling.stopSequences,
    localStopSequences: sampling.localStopSequences,
    thinkTags: profile.thinkTags,
    estimatedInputTokens: estimateTokens(request),
  };
  const localAnswer = source["max_tokens"] === 0 ? emptyAnswer(context) : undefined;
  return { body, context, warnings: warnings.all, ...(localAnswer && { localAnswer }) };
}

function readMessages(messages: unknown): readonly unknown[] {
  if (!Array.isArray(messages)) throw invalidRequest("messages", "an array is required");
  if (messages.length === 0) throw invalidRequest("messages", "at least one message is required");
  return messages;
}

function systemMessage(system: unknown, instruction: string | undefined, scope: RequestScope): readonly ChatMessage[] {
  const role = scope.profile.systemRole;
  const content = systemContent(system, "system", scope);
  if (instruction === undefined) return content === undefined ? [] : [{ role, content }];
  if (content === undefined) return [{ role, content: instruction }];
  if (typeof content === "string") return [{ role, content: `${content}\n\n${instruction}` }];
  return [{ role, content: [...content, { type: "text", text: instruction }] }];
}

function identityFields(source: JsonObject, profile: Profile): Partial<ChatRequest> {
  const userId = readUserId(source["metadata"]);
  return {
    ...(userId && profile.user === "hash" && { user: userId.hash }),
    ...(userId && profile.user === "safety-identifier" && { safety_identifier: userId.hash }),
    ...(profile.promptCacheKey && userId?.session !== undefined && { prompt_cache_key: userId.session }),
    ...(profile.serviceTier && source["speed"] === "fast" && { service_tier: "priority" }),
  };
}

function warnUnknown(source: JsonObject, profile: Profile, warnings: WarningList): void {
  for (const [key, value] of Object.entries(source)) {
    if (knownMembers.has(key) || value === null || value === undefined) continue;
    if (key === "speed" && profile.serviceTier) continue;
    const name = key.slice(0, 64).replaceAll(/\W+/g, "_");
    warnings.add("member_dropped", `${name} dropped`, name);
  }
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

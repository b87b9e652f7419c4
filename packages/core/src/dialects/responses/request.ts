import type { Message, MessagesRequest } from "../../protocol/anthropic.ts";
import type { ChatSystemMessage } from "../../protocol/chat.ts";
import type { ResponsesInputItem, ResponsesRequest } from "../../protocol/responses.ts";
import type { TranslationContext, TranslationWarning } from "../../conversation/context.ts";
import type { Profile } from "../../base/profile-types.ts";
import { readHistory } from "../../conversation/request/history.ts";
import type { SpokenMessage } from "../../conversation/request/history-writer.ts";
import { identityFields } from "../../conversation/request/user-id.ts";
import {
  closeTranslation,
  openTranslation,
  type TranslationTarget,
} from "../../conversation/request/open-translation.ts";
import { readThinkingWish, toResponsesReasoning } from "../../conversation/request/reasoning-effort.ts";
import type { RequestScope } from "../../conversation/request/request-scope.ts";
import { toResponseFormat, toTextFormat } from "../../conversation/request/response-format.ts";
import { toInputMessage } from "./parts.ts";
import { toResponsesTools } from "./tools.ts";
import { type PendingOutput, toOutputItem, toResponsesTurn } from "./turn.ts";
import { omitMembers } from "../../conversation/request/omit-members.ts";
import { readSampling, responsesSampling, withinWindow } from "../../conversation/request/sampling.ts";
import { systemContent } from "../../conversation/request/system-text.ts";
import {
  chosenTools,
  toResponsesToolChoice,
  toToolChoice,
  withForcedCall,
} from "../../conversation/request/tool-choice.ts";

/** Upstream model and vendor's profile that a Responses request is written for. */
export type ResponsesRequestOptions = TranslationTarget;

/** Messages request, translated for OpenAI's Responses API. */
export interface ResponsesTranslation {
  /** Body of `POST …/responses`. */
  readonly body: ResponsesRequest;
  /** Facts about the request, for the translators of its answer. */
  readonly context: TranslationContext;
  /** Warnings about each part that was left out or replaced; empty: none was. */
  readonly warnings: readonly TranslationWarning[];
  /** Answer of a request for which no upstream needs to be asked, as with `messagesToChat`; else absent. */
  readonly localAnswer?: Message;
}

const leastOutputTokens = 16; // "integer below minimum value. Expected a value >= 16" (recorded)

/**
 * Translates a Messages request for OpenAI's Responses API. It is pure and deterministic like `messagesToChat`.
 * Nothing is stored at the provider; reasoning that it made itself goes back to it encrypted.
 *
 * @param request - request of the Messages API.
 * @param options - model, provider and profile of the upstream.
 * @returns the body, the context for translating the answer, and warnings.
 * @throws CcpbError `invalid_request` (status 400) with the JSON path of a member that cannot be read.
 * @example
 * ```ts
 * const { body } = messagesToResponses(request, { model: "gpt-5.6" });
 * console.log(body.model, body.store); // gpt-5.6 false
 * ```
 */
export function messagesToResponses(request: MessagesRequest, options: ResponsesRequestOptions): ResponsesTranslation {
  const open = openTranslation(request, options, "responses");
  const { source, messages, stream, plan, scope } = open;
  const { profile, warnings } = scope;
  const { responseFormat, instruction } = toResponseFormat(source, profile, warnings);
  const system = readSystem(source["system"], instruction, scope);
  const spoken = withForcedCall(messages, source["tool_choice"], plan, profile);
  const history = readHistory<ResponsesInputItem | PendingOutput>(spoken, scope, (closed) =>
    toResponsesTurn(closed, scope),
  );
  scope.marks.settle();
  const input = [...system.messages, ...history].map(toItem);
  if (profile.prefill === "drop") dropPrefill(input, scope);
  const chosen = chosenTools(plan, source["tool_choice"], profile);
  const { tool_choice: choice, ...parallel } = toToolChoice(source["tool_choice"], plan, profile, warnings);
  const reasoning = toResponsesReasoning(readThinkingWish(source, messages), profile, warnings);
  const sampling = readSampling(source, responsesSampling(profile), reasoning.effort, warnings);
  const tools = toResponsesTools(chosen, plan.webSearch, warnings);
  const include = toInclude(profile, plan.webSearch !== undefined);
  const closing = closeTranslation(open, request, sampling);
  const { estimatedInputTokens: promptTokens } = closing.context;
  const limited = withinWindow(sampling.fields, promptTokens, responsesSampling(profile), warnings);
  const { max_tokens: maxTokens, ...samplingFields } = limited;

  // The order is part of the bytes.
  const body: ResponsesRequest = {
    model: options.model,
    ...(system.instructions !== undefined && { instructions: system.instructions }),
    input,
    ...(maxTokens !== undefined && { max_output_tokens: Math.max(leastOutputTokens, maxTokens) }),
    ...samplingFields,
    ...(stream && { stream }),
    ...(tools.length > 0 && { tools: [...tools] }),
    ...(choice !== undefined && { tool_choice: toResponsesToolChoice(choice) }),
    ...parallel,
    ...(responseFormat && { text: toTextFormat(responseFormat) }),
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(include.length > 0 && { include }),
    store: false,
    ...identityFields(source, profile),
    ...profile.extraBody,
  };
  return { body: omitMembers(body, profile.omit), warnings: warnings.all, ...closing };
}

/** The system prompt as `instructions`; as a message, where a cache mark within it has to be kept. */
function readSystem(
  system: unknown,
  instruction: string | undefined,
  scope: RequestScope,
): { readonly instructions?: string; readonly messages: readonly ChatSystemMessage[] } {
  const content = systemContent(system, "system", scope);
  if (content === undefined || typeof content === "string") {
    const texts = [content, instruction].filter((text) => text !== undefined);
    return { ...(texts.length > 0 && { instructions: texts.join("\n\n") }), messages: [] };
  }
  const parts = instruction === undefined ? content : [...content, { type: "text" as const, text: instruction }];
  const role = scope.profile.systemRole === "developer" ? "developer" : "system";
  return { messages: [{ role, content: parts }] };
}

function toInclude(profile: Profile, searches: boolean): NonNullable<ResponsesRequest["include"]> {
  return [
    // A model that does not reason refuses to be asked for it.
    ...(profile.reasoning !== "none" && profile.encryptedReasoning ? (["reasoning.encrypted_content"] as const) : []),
    ...(searches && profile.webSearchSources ? (["web_search_call.action.sources"] as const) : []),
  ];
}

function toItem(entry: ResponsesInputItem | PendingOutput | SpokenMessage): ResponsesInputItem {
  if (!("type" in entry)) return toInputMessage(entry);
  return entry.type === "pending_output" ? toOutputItem(entry) : entry;
}

/** An assistant's text at the end is the beginning of the answer; what led to it goes with it. */
function dropPrefill(input: ResponsesInputItem[], { warnings }: RequestScope): void {
  const isPrefill = (item: ResponsesInputItem): boolean =>
    item.type === "reasoning" || (item.type === "message" && item.role === "assistant");
  const length = input.findLastIndex((item) => !isPrefill(item)) + 1;
  if (length === input.length) return;
  warnings.add("prefill_dropped", "the beginning of the answer (last assistant message) dropped");
  input.length = length;
}

/**
 * Translates a Messages request into a Responses request.
 *
 * @deprecated Use `messagesToResponses`, which is the same function.
 */
export const toResponsesRequest: typeof messagesToResponses = messagesToResponses;

import type { Message, MessagesRequest } from "../../protocol/anthropic.ts";
import type { ChatMessage, ChatRequest } from "../../protocol/chat.ts";
import type { TranslationContext, TranslationWarning } from "../../conversation/context.ts";
import { toChatTurn } from "./turn.ts";
import { readHistory } from "../../conversation/request/history.ts";
import { identityFields } from "../../conversation/request/user-id.ts";
import {
  closeTranslation,
  openTranslation,
  type TranslationTarget,
} from "../../conversation/request/open-translation.ts";
import { effortIn, readThinkingWish, toReasoning } from "../../conversation/request/reasoning-effort.ts";
import type { RequestScope } from "../../conversation/request/request-scope.ts";
import { toResponseFormat } from "../../conversation/request/response-format.ts";
import { arrangeRoles } from "../../conversation/request/role-order.ts";
import { omitMembers } from "../../conversation/request/omit-members.ts";
import { readSampling, withinWindow } from "../../conversation/request/sampling.ts";
import { systemContent } from "../../conversation/request/system-text.ts";
import { chosenTools, toToolChoice, withForcedCall } from "../../conversation/request/tool-choice.ts";

/** Upstream model and vendor's profile that a Chat Completions request is written for. */
export type ChatRequestOptions = TranslationTarget;

/** Messages request, translated for Chat Completions. */
export interface ChatTranslation {
  /** Body of `POST …/chat/completions`. */
  readonly body: ChatRequest;
  /** Facts about the request, for the translators of its answer. */
  readonly context: TranslationContext;
  /** Warnings about each part that was left out or replaced; empty: none was. */
  readonly warnings: readonly TranslationWarning[];
  /**
   * Answer of a request for which no upstream needs to be asked; else absent. `max_tokens: 0` asks Anthropic's API to
   * fill its prompt cache, which Chat Completions cannot express. A request that offers nothing but a web search that
   * the provider cannot make is answered with the error of that tool.
   */
  readonly localAnswer?: Message;
}

/**
 * Translates a Messages request for Chat Completions. It is pure and deterministic: the request is not changed, and
 * the same request always gives the same bytes, which prompt caches need. Unknown members are not passed on;
 * `warnings` names what is left out or replaced.
 *
 * @param request - request of the Messages API.
 * @param options - model, provider and profile of the upstream.
 * @returns the body, the context for translating the answer, and warnings.
 * @throws CcpbError `invalid_request` (status 400) with the JSON path of a member that cannot be read.
 * @example
 * ```ts
 * const { body, warnings } = messagesToChat(request, { model: "gpt-5.6" });
 * console.log(body.model, warnings.length); // gpt-5.6 0
 * ```
 */
export function messagesToChat(request: MessagesRequest, options: ChatRequestOptions): ChatTranslation {
  const open = openTranslation(request, options, "chat");
  const { source, messages, stream, plan, scope } = open;
  const { profile, warnings } = scope;
  const { responseFormat, instruction } = toResponseFormat(source, profile, warnings);
  const spoken = withForcedCall(messages, source["tool_choice"], plan, profile);
  const chatMessages = arrangeRoles(
    [
      ...systemMessage(source["system"], instruction, scope),
      ...readHistory<ChatMessage>(spoken, scope, (closed) => toChatTurn(closed, scope)),
    ],
    profile,
    warnings,
  );
  scope.marks.settle();
  const tools = chosenTools(plan, source["tool_choice"], profile);
  const choice = tools.length === 0 ? {} : toToolChoice(source["tool_choice"], plan, profile, warnings);
  const isForced = choice.tool_choice === "required" || typeof choice.tool_choice === "object";
  const wish = readThinkingWish(source, messages);
  const reasoning = toReasoning(wish, profile, { hasTools: tools.length > 0, isForced, stream }, warnings);
  const sampling = readSampling(source, profile, effortIn(reasoning), warnings);
  const closing = closeTranslation(open, request, sampling);

  // The order is part of the bytes.
  const body: ChatRequest = {
    model: options.model,
    messages: chatMessages,
    ...withinWindow(sampling.fields, closing.context.estimatedInputTokens, profile, warnings),
    ...(stream && { stream }),
    ...(stream && profile.streamUsage && { stream_options: { include_usage: true } }),
    ...(tools.length > 0 && { tools: [...tools] }),
    ...(tools.length > 0 && stream && profile.toolStream && { tool_stream: true }),
    ...choice,
    ...(responseFormat && { response_format: responseFormat }),
    ...reasoning,
    ...identityFields(source, profile),
    ...scope.marks.ofRequest,
    ...profile.extraBody,
  };
  return { body: omitMembers(body, profile.omit), warnings: warnings.all, ...closing };
}

function systemMessage(system: unknown, instruction: string | undefined, scope: RequestScope): readonly ChatMessage[] {
  const role = scope.profile.systemRole;
  const content = systemContent(system, "system", scope);
  if (content === undefined) return instruction === undefined ? [] : [{ role, content: instruction }];
  if (instruction === undefined) return [{ role, content }];
  if (typeof content === "string") return [{ role, content: `${content}\n\n${instruction}` }];
  return [{ role, content: [...content, { type: "text", text: instruction }] }];
}

/**
 * Translates a Messages request into a Chat Completions request.
 *
 * @deprecated Use `messagesToChat`, which is the same function.
 */
export const toChatRequest: typeof messagesToChat = messagesToChat;

import type { ProviderConfig } from "../config-types.ts";
import type { Candidate } from "../health/scope.ts";
import type { Message, MessagesRequest } from "../protocol/anthropic.ts";
import { toChatRequest } from "../translate/chat-request.ts";
import type { TranslationContext } from "../translate/context.ts";
import type { ClientRequest } from "./client-request.ts";
import { upstreamHeaders } from "./headers.ts";
import { spliceModel } from "./splice-model.ts";
import { checksSignatures, hasThinkingBlocks, isForeignThinking, isThinking, withoutThinking } from "./thinking.ts";
import type { UpstreamRequest } from "./types.ts";

/** Changes with which a candidate is tried again. */
export interface RequestChanges {
  readonly withoutThinking: boolean;
  readonly maxTokens: number | undefined;
  /** Tells thinking that the provider is known to refuse; undefined where none is known. */
  readonly isForeignThinking: ((block: Readonly<Record<string, unknown>>) => boolean) | undefined;
}

/** An upstream request with what reading its reply needs. */
export interface BuiltRequest {
  readonly request: UpstreamRequest;
  /** Absent where the reply is passed through. */
  readonly translation: TranslationContext | undefined;
  readonly warnings: readonly string[];
  readonly maxTokens: number | undefined;
}

/** No upstream is needed: the answer is known. */
export interface LocalAnswer {
  readonly localAnswer: Message;
}

/**
 * The request that serves `client` at `candidate`. For an anthropic provider the body is the client's own bytes with the mapped model spliced in;
 * it is re-serialised only where thinking made elsewhere must go, or a change asks for it. Throws `CcpbError` `invalid_request` where a request
 * cannot be translated.
 */
export function buildRequest(
  provider: ProviderConfig,
  candidate: Candidate,
  client: ClientRequest,
  changes: RequestChanges,
): BuiltRequest | LocalAnswer {
  if (provider.type === "openai") return buildChat(provider, candidate, client, changes);
  const body = nativeBody(provider, candidate.model, client, changes);
  const request = postRequest(provider, candidate, client, { url: messagesUrl(provider.baseUrl) + client.query, body });
  return { request, translation: undefined, warnings: [], maxTokens: changes.maxTokens };
}

/** `…/v1/messages`, also where the base URL ends in `/v1` already. */
export function messagesUrl(baseUrl: string): string {
  return baseUrl.endsWith("/v1") ? `${baseUrl}/messages` : `${baseUrl}/v1/messages`;
}

/** A POST to `provider` with its credential; the length is that of all parts. */
export function postRequest(
  provider: ProviderConfig,
  candidate: Candidate,
  client: ClientRequest,
  target: { readonly url: string; readonly body: readonly Uint8Array[] },
): UpstreamRequest {
  let length = 0;
  for (const part of target.body) length += part.length;
  const headers = upstreamHeaders(provider, candidate.keyIndex, client.headers, length);
  return { method: "POST", url: target.url, headers, body: target.body };
}

/** The client's bytes for an anthropic provider. */
export function nativeBody(
  provider: ProviderConfig,
  model: string,
  client: ClientRequest,
  changes: RequestChanges,
): readonly Uint8Array[] {
  const changed = changedRequest(provider, client, changes);
  if (changed) return [encode({ ...changed, model })];
  const { facts, body } = client;
  return model === facts.model && facts.modelRanges.length === 1 ? [body] : spliceModel(body, facts.modelRanges, model);
}

/** The re-serialised exceptions; undefined where the client's bytes can stand. */
function changedRequest(
  provider: ProviderConfig,
  client: ClientRequest,
  changes: RequestChanges,
): MessagesRequest | undefined {
  const { isForeignThinking: isRefused } = changes;
  const isTouched =
    changes.withoutThinking || changes.maxTokens !== undefined || isRefused !== undefined || client.mayHoldOwnSignature;
  if (!isTouched) return undefined;
  const { parsed } = client;
  const isStrict = checksSignatures(provider.baseUrl);
  const stripped = withoutThinking(parsed, (block) => {
    if (changes.withoutThinking) return isThinking(block);
    return isForeignThinking(block, isStrict) || (isThinking(block) && isRefused?.(block) === true);
  });
  if (changes.maxTokens !== undefined) return { ...stripped, max_tokens: changes.maxTokens };
  return stripped === parsed ? undefined : stripped;
}

function buildChat(
  provider: ProviderConfig,
  candidate: Candidate,
  client: ClientRequest,
  changes: RequestChanges,
): BuiltRequest | LocalAnswer {
  const { parsed } = client;
  const source = changes.withoutThinking ? withoutThinking(parsed, isThinking) : parsed;
  const limited = changes.maxTokens === undefined ? source : { ...source, max_tokens: changes.maxTokens };
  const translated = toChatRequest(limited, {
    model: candidate.model,
    baseUrl: provider.baseUrl,
    provider: provider.name,
    ...(provider.profile && { profile: provider.profile }),
  });
  if (translated.localAnswer) return { localAnswer: translated.localAnswer };
  const url = `${provider.baseUrl}/chat/completions`;
  return {
    request: postRequest(provider, candidate, client, { url, body: [encode(translated.body)] }),
    translation: translated.context,
    warnings: translated.warnings.map((warning) => warning.message),
    maxTokens: parsed.max_tokens,
  };
}

/** Whether the request, as it would be sent, carries thinking that an upstream could object to. */
export function carriesThinking(client: ClientRequest, changes: RequestChanges): boolean {
  return !changes.withoutThinking && hasThinkingBlocks(client.parsed);
}

function encode(body: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body));
}

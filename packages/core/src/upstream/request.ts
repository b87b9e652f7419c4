import type { ProviderConfig } from "../config-types.ts";
import type { Candidate } from "../health/scope.ts";
import type { Message, MessagesRequest } from "../protocol/anthropic.ts";
import { toChatRequest } from "../translate/chat-request.ts";
import type { TranslationContext } from "../translate/context.ts";
import type { ClientRequest } from "./client-request.ts";
import { upstreamHeaders } from "./headers.ts";
import { editBody } from "./native/native-body.ts";
import { neutralNativeProfile, resolveNativeProfile } from "./native/native-profile.ts";
import { nativeBody } from "./native-request.ts";
import { concatBytes } from "./splice-model.ts";
import type { UpstreamRequest } from "./types.ts";

/** Changes with which a candidate is tried again. */
export interface RequestChanges {
  readonly withoutThinking: boolean;
  readonly maxTokens: number | undefined;
  /** Tells by its signature (or redacted data) thinking that the provider is known to refuse; undefined where none is known. */
  readonly isForeignProof: ((proof: string) => boolean) | undefined;
  /** Corrects the estimate that a translated stream begins with. */
  readonly tokenFactor?: number | undefined;
}

/** An upstream request with what reading its reply needs. */
export interface BuiltRequest {
  readonly request: UpstreamRequest;
  /** Absent where the reply is passed through. */
  readonly translation: TranslationContext | undefined;
  readonly warnings: readonly string[];
  readonly maxTokens: number | undefined;
}

/** Stands where no upstream is asked. */
export const noRequest: BuiltRequest = {
  request: { method: "POST", url: "", headers: {}, body: [] },
  translation: undefined,
  warnings: [],
  maxTokens: undefined,
};

/** No upstream is needed: the answer is known. */
export interface LocalAnswer {
  readonly localAnswer: Message;
}

/**
 * The request that serves `client` at `candidate`. For an anthropic provider the body is the client's own bytes with no more than what has to be
 * different spliced in or cut out. Throws `CcpbError` `invalid_request` where a request
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
  const betas =
    provider.type === "anthropic"
      ? resolveNativeProfile(provider.baseUrl, candidate.model, provider.nativeProfile).betas
      : null;
  const headers = upstreamHeaders(provider, client.headers, {
    keyIndex: candidate.keyIndex,
    contentLength: length,
    betas,
  });
  return { method: "POST", url: target.url, headers, body: target.body };
}

function buildChat(
  provider: ProviderConfig,
  candidate: Candidate,
  client: ClientRequest,
  changes: RequestChanges,
): BuiltRequest | LocalAnswer {
  const { parsed } = client;
  const source = changes.withoutThinking ? withoutAnyThinking(client) : parsed;
  const limited = changes.maxTokens === undefined ? source : { ...source, max_tokens: changes.maxTokens };
  const translated = toChatRequest(limited, {
    model: candidate.model,
    baseUrl: provider.baseUrl,
    provider: provider.name,
    ...(provider.profile && { profile: provider.profile }),
    ...(changes.tokenFactor !== undefined && { tokenFactor: changes.tokenFactor }),
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

/** After a refusal: the same request as an API of Anthropic's form would be sent it then. */
function withoutAnyThinking(client: ClientRequest): MessagesRequest {
  const parts = editBody(client.body, client.places, {
    model: client.facts.model,
    profile: neutralNativeProfile,
    maxTokens: undefined,
    isForeign: () => true,
    withoutThinking: true,
    mayLackThinking: false,
    dropsSampling: false,
  });
  return JSON.parse(new TextDecoder().decode(concatBytes(parts))) as MessagesRequest; // the client's, with less in it
}

function encode(body: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body));
}

import { vertexEnvelope, vertexUrl } from "../dialects/messages/envelopes/vertex.ts";
import { bedrockCountBody, bedrockEnvelope, bedrockUrl } from "../dialects/messages/envelopes/bedrock.ts";
import type { RequestKind } from "../dialects/messages/envelopes/envelope.ts";
import type { RequestChanges } from "../dialects/request-changes.ts";
import { isNative, type ProviderConfig } from "../base/config-types.ts";
import type { Candidate } from "../base/scope.ts";
import type { Message, MessagesRequest } from "../protocol/anthropic.ts";
import type { TranslationTarget } from "../conversation/request/open-translation.ts";
import { shortHash } from "../conversation/ids/tool-names.ts";
import { toChatRequest } from "../dialects/chat/request.ts";
import type { TranslationContext } from "../conversation/context.ts";
import { toResponsesRequest } from "../dialects/responses/request.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { chooseDialect } from "./learned-dialects.ts";
import { upstreamHeaders, headerValue } from "../dialects/headers.ts";
import { editBody } from "../dialects/messages/body.ts";
import { neutralNativeProfile } from "../vendors/messages-profile.ts";
import { nativeBody, profileOf } from "../dialects/messages/request.ts";
import { signatureDomain } from "./signature-origins.ts";
import { withoutCallSignatures } from "../conversation/ids/call-signatures.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import type { UpstreamRequest } from "../base/transport.ts";

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
  readonly warnings: readonly string[];
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
  if (provider.type === "openai") return buildTranslated(provider, candidate, client, changes);
  const request = nativeRequest(client.facts.stream ? "stream" : "message", { provider, candidate, client, changes });
  return { request, translation: undefined, warnings: [], maxTokens: changes.maxTokens };
}

/** What a request to a provider that is not translated is made of. */
export interface NativeParts {
  readonly provider: ProviderConfig;
  readonly candidate: Candidate;
  readonly client: ClientRequest;
  readonly changes: RequestChanges;
}

/** The request of one kind to a provider that is not translated, in the envelope of its type. */
export function nativeRequest(
  kind: RequestKind,
  { provider, candidate, client, changes }: NativeParts,
): UpstreamRequest {
  const { model } = candidate;
  switch (provider.type) {
    case "bedrock": {
      const envelope = bedrockEnvelope(kind, headerValue(client.headers, "anthropic-beta"));
      const message = nativeBody(provider, model, client, { ...changes, envelope });
      const body = kind === "count" ? bedrockCountBody(message) : message;
      return postRequest(provider, candidate, client, { url: bedrockUrl(provider.baseUrl, model, kind), body });
    }
    case "vertex": {
      const body = nativeBody(provider, model, client, { ...changes, envelope: vertexEnvelope(kind) });
      return postRequest(provider, candidate, client, { url: vertexUrl(provider, model, kind), body });
    }
    case "anthropic":
    case "openai": {
      const url = messagesUrl(provider.baseUrl) + (kind === "count" ? "/count_tokens" : "") + client.query;
      return postRequest(provider, candidate, client, { url, body: nativeBody(provider, model, client, changes) });
    }
  }
}

/** `…/v1/messages`, also where the base URL ends in `/v1` already. */
export function messagesUrl(baseUrl: string): string {
  return baseUrl.endsWith("/v1") ? `${baseUrl}/messages` : `${baseUrl}/v1/messages`;
}

/** The address of an operation of an openai provider. Azure has the deployment in the path (`{model}`) and the version of its API in the query. */
export function openaiUrl(baseUrl: string, model: string, path: string): string {
  const at = baseUrl.indexOf("?");
  const base = at < 0 ? baseUrl : baseUrl.slice(0, at);
  return base.replace("{model}", () => encodeURIComponent(model)) + path + (at < 0 ? "" : baseUrl.slice(at));
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
  const { betas, omitBetas } = isNative(provider.type)
    ? profileOf(provider, candidate.model)
    : { betas: null, omitBetas: [] };
  const headers = upstreamHeaders(provider, client.headers, {
    keyIndex: candidate.keyIndex,
    contentLength: length,
    betas,
    omitBetas,
  });
  return { method: "POST", url: target.url, headers, body: target.body };
}

/** Whom a request is translated for. */
export function targetOf(provider: ProviderConfig, model: string): TranslationTarget {
  return {
    model,
    baseUrl: provider.baseUrl,
    // Renaming a provider changes nothing about what it made; the host itself need not be in what clients hold.
    provider: shortHash(signatureDomain(provider)),
    ...(provider.profile && { profile: provider.profile }),
  };
}

function buildTranslated(
  provider: ProviderConfig,
  candidate: Candidate,
  client: ClientRequest,
  changes: RequestChanges,
): BuiltRequest | LocalAnswer {
  const { parsed } = client;
  const target = {
    ...targetOf(provider, candidate.model),
    ...(changes.tokenFactor !== undefined && { tokenFactor: changes.tokenFactor }),
  };
  const isChat = chooseDialect(provider, candidate.model, parsed, changes.dialect) === "chat";
  const source = translatedSource(client, changes, isChat);
  const translated = isChat ? toChatRequest(source, target) : toResponsesRequest(source, target);
  const warnings = translated.warnings.map((warning) => warning.message);
  if (translated.localAnswer) return { localAnswer: translated.localAnswer, warnings };
  const url = openaiUrl(provider.baseUrl, candidate.model, isChat ? "/chat/completions" : "/responses");
  return {
    request: postRequest(provider, candidate, client, { url, body: [encode(translated.body)] }),
    translation: translated.context,
    warnings,
    maxTokens: parsed.max_tokens,
  };
}

/** The client's request with what a retry, or what was learned from one, changes in it. */
function translatedSource(client: ClientRequest, changes: RequestChanges, isChat: boolean): MessagesRequest {
  const { withoutThinking, isForeignProof, maxTokens } = changes;
  const { parsed } = client;
  let source = withoutThinking || isForeignProof ? withThinkingDropped(client, changes) : parsed;
  if (isForeignProof) source = withoutCallSignatures(source, isForeignProof);
  // Where reasoning of earlier turns may be missing there is no reason to think less now.
  if (source !== parsed && !(isChat && withoutThinking)) source = { ...source, ...thinkingOf(parsed) };
  return maxTokens === undefined ? source : { ...source, max_tokens: maxTokens };
}

/** The request as an API of Anthropic's form would be sent it: without thinking that it refuses, or any. */
function withThinkingDropped(
  client: ClientRequest,
  { withoutThinking, isForeignProof }: RequestChanges,
): MessagesRequest {
  const parts = editBody(client.body, client.places, {
    model: client.facts.model,
    profile: neutralNativeProfile,
    maxTokens: undefined,
    isForeign: (proof) => withoutThinking || isForeignProof?.(proof) === true,
    withoutThinking,
    mayLackThinking: false,
    dropsSampling: false,
  });
  return JSON.parse(new TextDecoder().decode(concatBytes(parts))) as MessagesRequest; // the client's, with less in it
}

/** The members that ask for thinking now, as the client wrote them. */
function thinkingOf(parsed: MessagesRequest): Partial<MessagesRequest> {
  return Object.fromEntries(Object.entries(parsed).filter(([key]) => key === "thinking"));
}

function encode(body: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(body));
}

import { vertexEnvelope, vertexUrl } from "../dialects/messages/envelopes/vertex.ts";
import { bedrockCountBody, bedrockEnvelope, bedrockUrl } from "../dialects/messages/envelopes/bedrock.ts";
import type { RequestKind } from "../dialects/messages/envelopes/envelope.ts";
import type { Dialect, RequestChanges } from "../dialects/request-changes.ts";
import type { ProviderApi } from "../base/dialect-name.ts";
import { type PlacedExtras, placeExtras } from "./extras.ts";
import { isNative, type ProviderConfig, type ProviderType } from "../base/config-types.ts";
import type { Candidate } from "../base/scope.ts";
import type { Message, MessagesRequest } from "../protocol/anthropic.ts";
import type { TranslationTarget } from "../conversation/request/open-translation.ts";
import { shortHash } from "../conversation/ids/tool-names.ts";
import { toChatRequest } from "../dialects/chat/request.ts";
import type { TranslationContext } from "../conversation/context.ts";
import { messagesToResponses } from "../dialects/responses/request.ts";
import { ClientRequest } from "../dialects/messages/client-request.ts";
import { countedPart } from "../dialects/messages/fit-request.ts";
import { chooseDialect } from "./learned-dialects.ts";
import { upstreamHeaders, headerValue } from "../dialects/headers.ts";
import { editBody } from "../dialects/messages/body.ts";
import { neutralNativeProfile, takesCompaction } from "../vendors/messages-profile.ts";
import { compactionRefused } from "../conversation/request/invalid-request.ts";
import { lastMember, valueAt } from "../bytes/json-places.ts";
import { isObject } from "../base/json.ts";
import { nativeBody, profileOf } from "../dialects/messages/request.ts";
import { signatureDomain } from "./signature-origins.ts";
import { withoutCallSignatures } from "../conversation/ids/call-signatures.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { passedBody } from "./passed-body.ts";
import { omitMembers } from "../conversation/request/omit-members.ts";
import { type ProfileQuery, resolveProfile } from "../vendors/profile.ts";
import type { UpstreamRequest } from "../base/transport.ts";

/** An upstream request with what reading its reply needs. */
export interface BuiltRequest {
  readonly request: UpstreamRequest;
  /** The API that the provider is asked in. */
  readonly dialect: ProviderApi;
  /** Absent where the provider is asked in the client's own API, or in Messages. */
  readonly translation: TranslationContext | undefined;
  /** The provider is asked for a whole answer, which is streamed to the client. Absent where the client gets it in the framing that it asked for. */
  readonly isWhole?: true;
  readonly warnings: readonly string[];
  readonly maxTokens: number | undefined;
}

/**
 * Decides whether an attempt's request is the client's own, in an API of OpenAI's, so that a retry cannot change it.
 */
export function isPassed({ dialect }: BuiltRequest, client: ClientRequest): boolean {
  return dialect === client.dialect && dialect !== "messages";
}

/** Stands where no upstream is asked. */
export const noRequest: BuiltRequest = {
  request: { method: "POST", url: "", headers: {}, body: [] },
  dialect: "messages",
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
 * Returns the request that serves `client` at `candidate`. For a provider that speaks the client's API the body is the client's own bytes with no more than what
 * has to be different spliced in or cut out: in Chat and Responses the model. Throws `CcpbError` `invalid_request` where a request cannot be translated.
 */
export function buildRequest(
  provider: ProviderConfig,
  candidate: Candidate,
  client: ClientRequest,
  changes: RequestChanges,
): BuiltRequest | LocalAnswer {
  if (provider.type === "openai") {
    const dialect = chooseDialect(provider, candidate.model, client, changes.dialect);
    return dialect === client.dialect
      ? buildPassed(provider, candidate, client, { ...changes, dialect })
      : buildTranslated(provider, candidate, client, { changes, dialect });
  }
  refuseCompaction(provider, candidate, client);
  const request = nativeRequest(client.facts.stream ? "stream" : "message", { provider, candidate, client, changes });
  const extras = placedExtras(provider, candidate, client, "messages");
  const fitted = client.fittedTo(candidate.model);
  const warnings = [...readingWarnings(client, extras), ...fitted.warnings];
  const maxTokens = changes.maxTokens ?? (client.dialect === "messages" ? undefined : fitted.request.parsed.max_tokens);
  return { request, dialect: "messages", translation: undefined, warnings, maxTokens };
}

/** Refuses a request to compact where the member that asks for it would be left out. */
function refuseCompaction(provider: ProviderConfig, { model }: Candidate, client: ClientRequest): void {
  if (client.dialect !== "messages" || takesCompaction(profileOf(provider, model))) return;
  const place = lastMember(client.places.members, "compaction")?.value;
  if (place !== undefined && isObject(valueAt(client.body, place))) throw compactionRefused();
}

/** The client's bytes for a provider that speaks the client's API. */
function buildPassed(
  provider: ProviderConfig,
  candidate: Candidate,
  client: ClientRequest,
  changes: RequestChanges & { readonly dialect: Dialect },
): BuiltRequest {
  const { query } = client;
  const { dialect } = changes;
  const { model } = candidate;
  const configured = changes.lessons.length === 0 ? provider.profile : changes.configured;
  const { body, warnings } = passedBody(client, { to: queryFor(provider, model), changes, configured });
  const url = withQuery(openaiUrl(provider.baseUrl, model, openAiPath(dialect)), query);
  const request = postRequest(provider, candidate, client, { url, body });
  const whole = wholeOf(client, provider.profile?.extraBody);
  return { request, dialect, translation: undefined, ...whole, warnings, maxTokens: undefined };
}

/** Says that a provider is asked for no stream where the client asked for one. */
function wholeOf(
  { facts }: ClientRequest,
  extraBody: Readonly<Record<string, unknown>> | undefined,
): Pick<BuiltRequest, "isWhole"> {
  return facts.stream && extraBody?.["stream"] === false ? { isWhole: true } : {};
}

function queryFor({ baseUrl, profile: override }: ProviderConfig, model: string): ProfileQuery {
  return override ? { baseUrl, model, override } : { baseUrl, model };
}

function openAiPath(dialect: ProviderApi): string {
  return dialect === "responses" ? "/responses" : "/chat/completions";
}

const noExtras: PlacedExtras = { members: {}, warnings: [] };

function placedExtras(
  provider: ProviderConfig,
  { model }: Candidate,
  client: ClientRequest,
  dialect: ProviderApi,
): PlacedExtras {
  if (client.dialect === "messages") return noExtras;
  return placeExtras(client.reading.extras, { provider, model, dialect });
}

/** Lists the parts of a request that translation left out, into the neutral model and out of it. */
function readingWarnings(client: ClientRequest, extras: PlacedExtras): readonly string[] {
  if (client.dialect === "messages") return [];
  return [...client.reading.warnings.map(({ message }) => message), ...extras.warnings];
}

/** Parts of a request to a provider for which nothing is translated. */
export interface NativeParts {
  readonly provider: ProviderConfig;
  readonly candidate: Candidate;
  readonly client: ClientRequest;
  readonly changes: RequestChanges;
}

/** The client's request in the Messages form. Counting takes few of its members, but at Bedrock a whole request. */
function neutralRequest(
  kind: RequestKind,
  client: ClientRequest,
  { model, type }: { readonly model: string; readonly type: ProviderType },
): ClientRequest {
  const { request } = client.fittedTo(model);
  const isWhole = kind !== "count" || type === "bedrock" || client.dialect === "messages";
  return isWhole ? request : new ClientRequest(countedPart(request.parsed));
}

/** Returns the request of one kind to a provider that is not translated, in the envelope of its type. */
export function nativeRequest(
  kind: RequestKind,
  { provider, candidate, client, changes }: NativeParts,
): UpstreamRequest {
  const { model } = candidate;
  const neutral = neutralRequest(kind, client, { model, type: provider.type });
  // Headers and query of another API mean nothing to a provider of Messages: such a request has none here.
  const { headers, query } = neutral;
  switch (provider.type) {
    case "bedrock": {
      const envelope = bedrockEnvelope(kind, headerValue(headers, "anthropic-beta"));
      const message = nativeBody(provider, model, neutral, { ...changes, envelope });
      const body = kind === "count" ? bedrockCountBody(message) : message;
      return postRequest(provider, candidate, client, { url: bedrockUrl(provider.baseUrl, model, kind), body });
    }
    case "vertex": {
      const body = nativeBody(provider, model, neutral, { ...changes, envelope: vertexEnvelope(kind) });
      return postRequest(provider, candidate, client, { url: vertexUrl(provider, model, kind), body });
    }
    case "anthropic":
    case "openai": {
      const url = messagesUrl(provider.baseUrl) + (kind === "count" ? "/count_tokens" : "") + query;
      return postRequest(provider, candidate, client, { url, body: nativeBody(provider, model, neutral, changes) });
    }
  }
}

/** Returns `…/v1/messages`, also where the base URL ends in `/v1` already. */
export function messagesUrl(baseUrl: string): string {
  return baseUrl.endsWith("/v1") ? `${baseUrl}/messages` : `${baseUrl}/v1/messages`;
}

/** Returns the address of an operation of an openai provider. Azure has the deployment in the path (`{model}`) and the version of its API in the query. */
export function openaiUrl(baseUrl: string, model: string, path: string): string {
  const at = baseUrl.indexOf("?");
  const base = at < 0 ? baseUrl : baseUrl.slice(0, at);
  return base.replace("{model}", () => encodeURIComponent(model)) + path + (at < 0 ? "" : baseUrl.slice(at));
}

/** Returns an address with a client's query (`?…`, or nothing) added to its own. */
export function withQuery(url: string, query: string): string {
  return query.length > 1 && url.includes("?") ? `${url}&${query.slice(1)}` : url + query;
}

/** Returns a POST to `provider` with its credential; the length is that of all parts. */
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
    client: client.dialect,
  });
  return { method: "POST", url: target.url, headers, body: target.body };
}

/** Builds the target that a request is translated for. */
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
  { changes, dialect }: { readonly changes: RequestChanges; readonly dialect: Dialect },
): BuiltRequest | LocalAnswer {
  const { neutral } = client;
  const { parsed } = neutral;
  const target = {
    ...targetOf(provider, candidate.model),
    ...(changes.tokenFactor !== undefined && { tokenFactor: changes.tokenFactor }),
  };
  const isChat = dialect === "chat";
  const source = translatedSource(neutral, changes, isChat);
  const translated = isChat ? toChatRequest(source, target) : messagesToResponses(source, target);
  const extras = placedExtras(provider, candidate, client, dialect);
  const warnings = [...readingWarnings(client, extras), ...translated.warnings.map((warning) => warning.message)];
  if (translated.localAnswer) return { localAnswer: translated.localAnswer, warnings };
  const url = openaiUrl(provider.baseUrl, candidate.model, openAiPath(dialect));
  const { omit, extraBody } = resolveProfile(queryFor(provider, candidate.model));
  const body = [encode({ ...translated.body, ...omitMembers(extras.members, omit) })];
  return {
    request: postRequest(provider, candidate, client, { url, body }),
    dialect,
    translation: translated.context,
    ...wholeOf(client, extraBody),
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
  // Keeps `thinking`: dropped blocks of earlier turns are no reason to think less now.
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

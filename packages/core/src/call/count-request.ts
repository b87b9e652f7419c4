import { isNative, type ProviderConfig } from "../base/config-types.ts";
import type { Candidate } from "../base/scope.ts";
import { resolveProfile } from "../vendors/profile.ts";
import { messagesToResponses } from "../dialects/responses/request.ts";
import { spliceModel } from "../bytes/splice-model.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { chooseDialect } from "./learned-dialects.ts";
import type { Dialect, RequestChanges } from "../dialects/request-changes.ts";
import { nativeRequest, openaiUrl, postRequest, targetOf, withQuery } from "./build-request.ts";
import type { UpstreamRequest } from "../base/transport.ts";

/**
 * Decides whether `provider` counts the tokens of a request itself: one for which nothing is translated, or OpenAI if
 * it would be asked over Responses.
 */
export function canCount(
  provider: ProviderConfig,
  model: string,
  client: ClientRequest,
  learned: Dialect | undefined,
): boolean {
  const { type, baseUrl, profile: override } = provider;
  if (isNative(type)) return true;
  const { inputTokens } = resolveProfile(override ? { baseUrl, model, override } : { baseUrl, model });
  return inputTokens && chooseDialect(provider, model, client, learned) === "responses";
}

/** Returns the request that asks a provider that `canCount` how many tokens `client` is for `candidate`, with what would be changed to serve it. Throws as `buildRequest` does. */
export function countRequest(
  provider: ProviderConfig,
  candidate: Candidate,
  client: ClientRequest,
  changes: RequestChanges,
): UpstreamRequest {
  if (isNative(provider.type)) return nativeRequest("count", { provider, candidate, client, changes });
  const url = openaiUrl(provider.baseUrl, candidate.model, "/responses/input_tokens");
  if (client.dialect === "responses") {
    const body = spliceModel(client.bytes, client.facts.modelRanges, candidate.model);
    return postRequest(provider, candidate, client, { url: withQuery(url, client.query), body });
  }
  const { body } = messagesToResponses(client.parsed, targetOf(provider, candidate.model));
  // All that this endpoint takes (openai types, `InputTokenCountParams`).
  const { model, instructions, input, tools, tool_choice, parallel_tool_calls, text, reasoning } = body;
  const question = { model, instructions, input, tools, tool_choice, parallel_tool_calls, text, reasoning };
  const bytes = new TextEncoder().encode(JSON.stringify(question));
  return postRequest(provider, candidate, client, {
    url,
    body: [bytes],
  });
}

import type { ProviderConfig } from "../base/config-types.ts";
import type { HeaderMap } from "../base/outcome.ts";
import type { UpstreamRequest } from "../base/transport.ts";
import { upstreamHeaders } from "../dialects/headers.ts";
import { messagesUrl, openaiUrl } from "./build-request.ts";

/**
 * Returns the request for a provider's own list of models, with its first key, or the client's credential where that pays.
 *
 * @param provider - provider to ask.
 * @param headers - the client's, lower-case names.
 */
export function modelsRequest(provider: ProviderConfig, headers: HeaderMap): UpstreamRequest {
  const { type, baseUrl } = provider;
  const url =
    type === "anthropic"
      ? messagesUrl(baseUrl).replace(/messages$/, "models?limit=1000")
      : openaiUrl(baseUrl, "", "/models");
  const made = upstreamHeaders(provider, headers, { keyIndex: 0, contentLength: 0, betas: null });
  const { "content-length": _length, "content-type": _type, ...rest } = made;
  return { method: "GET", url, headers: rest, body: [] };
}

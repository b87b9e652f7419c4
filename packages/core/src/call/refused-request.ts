import type { ProviderConfig } from "../base/config-types.ts";
import { isObject, parseJson } from "../base/json.ts";
import type { RefusedRequest } from "../policy/refusal-types.ts";
import { resolveProfile } from "../vendors/profile.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { headerValue } from "../dialects/headers.ts";
import { profileOf } from "../dialects/messages/request.ts";
import { type BuiltRequest, isPassed } from "./build-request.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";

/** Body and target of a request that was sent. */
export interface SentParts {
  /** Provider, with the changes of its profile that lessons taught. */
  readonly provider: ProviderConfig;
  readonly model: string;
  readonly client: ClientRequest;
  readonly built: BuiltRequest;
  readonly tried: ReadonlySet<string>;
}

const referenceHost = /^https?:\/\/(?:[\w-]+\.)*anthropic\.com(?:[:/]|$)/i;

/**
 * Reads back a request that was refused, for the table of refusals. Undefined at Anthropic's own API, whose refusals are the client's to hear, and where
 * the request is no longer held.
 */
export function refusedRequest({ provider, model, client, built, tried }: SentParts): RefusedRequest | undefined {
  const { type, baseUrl, profile } = provider;
  // The clouds serve Claude alone, and their envelopes are fixed.
  if (type !== "anthropic" && type !== "openai") return undefined;
  if (!client.isHeld || (type === "anthropic" && referenceHost.test(baseUrl))) return undefined;
  const decoder = new TextDecoder();
  const body = parseJson(decoder.decode(concatBytes(built.request.body)));
  if (!isObject(body)) return undefined;
  const betas = (headerValue(built.request.headers, "anthropic-beta") ?? "")
    .split(",")
    .map((beta) => beta.trim())
    .filter((beta) => beta !== "");
  const sent = { body, model, clientText: decoder.decode(client.body), betas, tried };
  if (type === "anthropic") return { ...sent, dialect: "messages", profile: profileOf(provider, model) };
  const isClients = isPassed(built, client);
  const dialect = isClients && client.dialect === "responses" ? "responses" : (built.translation?.dialect ?? "chat");
  return {
    ...sent,
    dialect,
    ...(isClients && { isPassed: true as const }),
    profile: resolveProfile(profile ? { baseUrl, model, override: profile } : { baseUrl, model }),
  };
}

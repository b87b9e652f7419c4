import { decodeBase64Url, encodeBase64Url } from "../../conversation/ids/base64url.ts";
import { isObject, parseJson } from "../../base/json.ts";

/** Prefix of the `encrypted_content` of a reasoning item that was written around a thinking block. */
export const thinkingEnvelopePrefix = "ccpb1.m.";

/** A thinking block of the Messages API, as the next request must hold it. */
export type SealedThinking =
  | { readonly type: "thinking"; readonly thinking: string; readonly signature: string }
  | { readonly type: "redacted_thinking"; readonly data: string };

/**
 * Writes a thinking block as the `encrypted_content` of a reasoning item. It holds the text too, because a signature is valid for exactly this text
 * and clients may shorten or drop the summary that they send back. Nothing is encrypted: the client has seen the same text.
 */
export function sealThinking(block: SealedThinking): string {
  const json = block.type === "thinking" ? { t: block.thinking, s: block.signature } : { d: block.data };
  return thinkingEnvelopePrefix + encodeBase64Url(JSON.stringify(json));
}

/** Reads what `sealThinking` wrote. Returns undefined for the encrypted content of another maker, and for one that was cut. */
export function openThinking(content: unknown): SealedThinking | undefined {
  if (!isSealedThinking(content)) return undefined;
  const text = decodeBase64Url(content.slice(thinkingEnvelopePrefix.length));
  const json = text === undefined ? undefined : parseJson(text);
  if (!isObject(json)) return undefined;
  const { t: thinking, s: signature, d: data } = json;
  if (typeof data === "string") return { type: "redacted_thinking", data };
  if (typeof thinking === "string" && typeof signature === "string") return { type: "thinking", thinking, signature };
  return undefined;
}

/** Decides whether `sealThinking` wrote this `encrypted_content`, which a Responses provider refuses as foreign. */
export function isSealedThinking(content: unknown): content is string {
  return typeof content === "string" && content.startsWith(thinkingEnvelopePrefix);
}

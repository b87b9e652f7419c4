import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";

const codePrefix = "ccpbid_";
const plainId = /^[A-Za-z0-9_-]{1,64}$/;
const separator = "\u0000";

/**
 * The id that the client is given for an upstream's tool call. Ids of the form `[A-Za-z0-9_-]{1,64}` stay as they are; others (Kimi's
 * `functions.add:0`) and those that carry a Gemini thought signature become `ccpbid_` and base64url, which Anthropic's API accepts too. A code
 * and no table: it survives restarts and a change of provider.
 */
export function encodeToolId(upstreamId: string, thoughtSignature?: string): string {
  if (thoughtSignature !== undefined && thoughtSignature !== "" && !thoughtSignature.includes(separator)) {
    return codePrefix + encodeBase64Url(upstreamId + separator + thoughtSignature);
  }
  if (plainId.test(upstreamId) && !upstreamId.startsWith(codePrefix)) return upstreamId;
  // The separator behind an id that holds one itself keeps the code reversible.
  return codePrefix + encodeBase64Url(upstreamId.includes(separator) ? upstreamId + separator : upstreamId);
}

/** The upstream's own id of a tool call; an id that `encodeToolId` did not make comes back unchanged. */
export function decodeToolId(clientId: string): string {
  return decode(clientId)?.id ?? clientId;
}

/** The Gemini thought signature that came with a tool call, where its id carries one. */
export function readThoughtSignature(clientId: string): string | undefined {
  return decode(clientId)?.signature;
}

function decode(clientId: string): { readonly id: string; readonly signature: string | undefined } | undefined {
  const text = clientId.startsWith(codePrefix) ? decodeBase64Url(clientId.slice(codePrefix.length)) : undefined;
  if (text === undefined) return undefined;
  const end = text.lastIndexOf(separator);
  const id = end === -1 ? text : text.slice(0, end);
  const signature = end === -1 || end === text.length - 1 ? undefined : text.slice(end + 1);
  // Of all codes that would mean this id only one is made.
  return encodeToolId(id, signature) === clientId ? { id, signature } : undefined;
}

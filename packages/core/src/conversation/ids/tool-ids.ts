import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";

const codePrefix = "ccpbid_";
const plainId = /^[A-Za-z0-9_-]{1,64}$/;
// oxlint-disable-next-line no-control-regex -- they separate the parts of a code
const separators = /[\u0000\u0001]/;
const codeForm = /^ccpbid(?<copy>[1-9]\d{0,8})?_/;
const separator = "\u0000";
const tagSeparator = "\u0001";

/** Parts of a tool call's id that the client got. */
export interface ToolIdParts {
  /** The upstream's own id. */
  readonly id: string;
  /** The Gemini thought signature that came with the call. */
  readonly signature?: string | undefined;
  /** Maker of the signature, in the form of `provenanceTag`; absent if unknown. */
  readonly maker?: string | undefined;
  /**
   * Number of the call with that id in the conversation, from 1. It exceeds 1 if an upstream repeats its ids in each
   * answer. Default 1.
   */
  readonly copy?: number;
}

/**
 * Makes the client's id for a tool call of an upstream. Ids of the form `[A-Za-z0-9_-]{1,64}` stay as they are.
 * Others (Kimi's `functions.add:0`), those that carry a Gemini thought signature and those that the conversation
 * holds already become `ccpbid_` or, from the second call of an id on, `ccpbid2_` and base64url, which Anthropic's
 * API accepts. It needs no table, so that it survives restarts and a change of provider.
 *
 * @param upstreamId - id of the upstream.
 * @param thoughtSignature - Gemini's signature of the call; default: none.
 * @param copy - number of the call with this id within the conversation, from 1.
 * @param maker - provider and model that made the signature (`provenanceTag`); only they are sent it again.
 * @returns the client's id.
 * @example
 * ```ts
 * console.log(encodeToolId("call_1"), encodeToolId("functions.add:0").startsWith("ccpbid_")); // call_1 true
 * ```
 */
export function encodeToolId(upstreamId: string, thoughtSignature?: string, copy = 1, maker?: string): string {
  const prefix = copy > 1 ? `ccpbid${copy}_` : codePrefix;
  if (thoughtSignature !== undefined && thoughtSignature !== "" && !separators.test(thoughtSignature)) {
    const tag = maker === undefined ? "" : tagSeparator + maker;
    return prefix + encodeBase64Url(upstreamId + separator + thoughtSignature + tag);
  }
  if (copy <= 1 && plainId.test(upstreamId) && !codeForm.test(upstreamId)) return upstreamId;
  // The separator behind an id that holds one itself keeps the code reversible.
  return prefix + encodeBase64Url(upstreamId.includes(separator) ? upstreamId + separator : upstreamId);
}

/**
 * Reads the upstream's own id of a tool call from the client's id.
 *
 * @param clientId - id of `encodeToolId`, or any other.
 * @returns the upstream's id; an id that `encodeToolId` did not make comes back unchanged.
 * @example
 * ```ts
 * console.log(decodeToolId(encodeToolId("functions.add:0"))); // functions.add:0
 * ```
 */
export function decodeToolId(clientId: string): string {
  return readToolId(clientId).id;
}

/**
 * Reads the Gemini thought signature that came with a tool call from the client's id.
 *
 * @param clientId - id of `encodeToolId`, or any other.
 * @returns the signature; undefined if the id carries none.
 * @example
 * ```ts
 * console.log(readThoughtSignature(encodeToolId("call_1", "c2lnbmF0dXJl"))); // c2lnbmF0dXJl
 * ```
 */
export function readThoughtSignature(clientId: string): string | undefined {
  return readToolId(clientId).signature;
}

/** Reads an id of the client's; one that `encodeToolId` did not make stands for itself. */
export function readToolId(clientId: string): ToolIdParts {
  return decode(clientId) ?? { id: clientId };
}

function decode(clientId: string): ToolIdParts | undefined {
  const form = codeForm.exec(clientId);
  const text = form === null ? undefined : decodeBase64Url(clientId.slice(form[0].length));
  if (form === null || text === undefined) return undefined;
  const copy = Number(form.groups?.["copy"] ?? 1);
  const end = text.lastIndexOf(separator);
  const id = end === -1 ? text : text.slice(0, end);
  const proof = end === -1 || end === text.length - 1 ? undefined : text.slice(end + 1);
  const tagAt = proof?.indexOf(tagSeparator) ?? -1;
  const signature = tagAt === -1 ? proof : proof?.slice(0, tagAt);
  const maker = tagAt === -1 ? undefined : proof?.slice(tagAt + 1);
  // Of all codes that would mean this id only one is made.
  return encodeToolId(id, signature, copy, maker) === clientId ? { id, signature, copy, maker } : undefined;
}

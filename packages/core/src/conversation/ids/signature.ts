import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
import { isObject, parseJson } from "../../base/json.ts";

/** Prefix of the signatures of thinking blocks that ccpb's translation made. */
export const signaturePrefix = "ccpb1.";

/**
 * Member of the upstream's answer that a translated thinking block came in.
 *
 * - `rc`: reasoning text, which is the block's own.
 * - `rs`: an item of OpenAI Responses.
 * - `rd`: OpenRouter's `reasoning_details`.
 * - `ro`: a text of its own besides the reasoning (GitHub Copilot's `reasoning_opaque`, Venice's
 *   `reasoning_encrypted`).
 * - `none`: nothing that could be replayed.
 */
export type ReasoningOrigin =
  | { readonly kind: "rc" | "none" }
  | {
      readonly kind: "rs";
      readonly id: string;
      readonly encryptedContent: string;
      /** `commentary` or `final_answer`, of the message that followed; it must be replayed. */
      readonly phase?: string;
    }
  | { readonly kind: "rd"; readonly details: readonly unknown[] }
  | { readonly kind: "ro"; readonly member: OpaqueMember; readonly value: string };

/** The members of an assistant's message that hold reasoning which only its maker can read, beside the text that people are shown. */
export const opaqueMembers = ["reasoning_opaque", "reasoning_encrypted"] as const;

/** Google's documented placeholder for the signature of a call that Gemini did not make (ai.google.dev, "Thought signatures"). */
export const placeholderSignature = "skip_thought_signature_validator";

/**
 * Decides whether only its maker can read a proof of thinking: the signature of a block that ccpb made of such
 * reasoning, or any that ccpb did not make.
 */
export function isOpaqueProof(proof: string): boolean {
  const kind = readSignature(proof)?.origin.kind;
  return kind !== "rc" && kind !== "none";
}

/** One of `opaqueMembers`. */
export type OpaqueMember = (typeof opaqueMembers)[number];

/** Origin of a thinking block, with the provider and model that made it. */
export interface SignatureEnvelope {
  /** Provider, by any unique name; undefined if the translator was told none. */
  readonly provider: string | undefined;
  /** Upstream's name of the model; absent if an older version made the signature. */
  readonly model?: string;
  /** Member of the upstream's answer that the thinking came in. */
  readonly origin: ReasoningOrigin;
}

/**
 * Writes the `signature` of a translated thinking block: `ccpb1.` and base64url of JSON.
 *
 * @param envelope - origin of the block, and the provider and model that made it.
 * @returns the signature.
 * @example
 * ```ts
 * const signature = makeSignature({ provider: "deepseek", origin: { kind: "rc" } });
 * console.log(readSignature(signature)?.provider); // deepseek
 * ```
 */
export function makeSignature(envelope: SignatureEnvelope): string {
  const { provider, model, origin } = envelope;
  return signaturePrefix + encodeBase64Url(JSON.stringify({ p: provider, m: model, ...toJson(origin) }));
}

/**
 * Reads a `signature` that `makeSignature` wrote. If it cannot be read (cut, or of another version), the origin is
 * the block's text.
 *
 * @param signature - `signature` of a thinking block; any value is allowed.
 * @returns the envelope; undefined if another API made the signature.
 * @example
 * ```ts
 * console.log(readSignature("EqQBCgIYAhIM")); // undefined
 * ```
 */
export function readSignature(signature: unknown): SignatureEnvelope | undefined {
  if (typeof signature !== "string" || !signature.startsWith("ccpb")) return undefined;
  const text = decodeBase64Url(signature.slice(signaturePrefix.length));
  const json = text === undefined ? undefined : parseJson(text);
  if (!isObject(json)) return { provider: undefined, origin: { kind: "rc" } };
  const { p: provider, m: model } = json;
  return {
    provider: typeof provider === "string" ? provider : undefined,
    ...(typeof model === "string" && { model }),
    origin: readOrigin(json),
  };
}

function toJson(origin: ReasoningOrigin): Readonly<Record<string, unknown>> {
  switch (origin.kind) {
    case "rc":
    case "none":
      return { k: origin.kind };
    case "rs":
      return { k: "rs", id: origin.id, e: origin.encryptedContent, ph: origin.phase };
    case "rd":
      return { k: "rd", d: origin.details };
    case "ro":
      return { k: "ro", n: origin.member, v: origin.value };
  }
}

function readOrigin(json: Readonly<Record<string, unknown>>): ReasoningOrigin {
  const { k: kind, id, e: encryptedContent, ph: phase, d: details, v: value } = json;
  const member = opaqueMembers.find((name) => name === json["n"]);
  if (kind === "rc") return { kind };
  if (kind === "rd" && Array.isArray(details)) return { kind, details };
  if (kind === "ro" && member !== undefined && typeof value === "string") return { kind, member, value };
  if (kind === "rs" && typeof id === "string" && typeof encryptedContent === "string") {
    return { kind, id, encryptedContent, ...(typeof phase === "string" && { phase }) };
  }
  return { kind: "none" };
}

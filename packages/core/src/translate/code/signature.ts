import { decodeBase64Url, encodeBase64Url } from "./base64url.ts";
import { isObject, parseJson } from "../json-object.ts";

/** How the signatures of thinking blocks begin that ccpb's translation made. */
export const signaturePrefix = "ccpb1.";

/**
 * What a translated thinking block was upstream: `rc` reasoning text (the block's own), `rs` an item of OpenAI Responses, `rd` OpenRouter's
 * `reasoning_details`, `none` nothing that could be replayed.
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
  | { readonly kind: "rd"; readonly details: readonly unknown[] };

/** The origin of a thinking block together with the provider that made it; `provider` is absent where the translator was told none. */
export interface SignatureEnvelope {
  readonly provider: string | undefined;
  readonly origin: ReasoningOrigin;
}

/** The `signature` of a translated thinking block: `ccpb1.` and base64url of JSON. */
export function makeSignature(envelope: SignatureEnvelope): string {
  return signaturePrefix + encodeBase64Url(JSON.stringify({ p: envelope.provider, ...toJson(envelope.origin) }));
}

/** Reads a `signature`; undefined where another API made it. Of one that is ours but cannot be read (cut, or of another version) the block's text is left. */
export function readSignature(signature: unknown): SignatureEnvelope | undefined {
  if (typeof signature !== "string" || !signature.startsWith("ccpb")) return undefined;
  const text = decodeBase64Url(signature.slice(signaturePrefix.length));
  const json = text === undefined ? undefined : parseJson(text);
  if (!isObject(json)) return { provider: undefined, origin: { kind: "rc" } };
  const provider = typeof json["p"] === "string" ? json["p"] : undefined;
  return { provider, origin: readOrigin(json) };
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
  }
}

function readOrigin(json: Readonly<Record<string, unknown>>): ReasoningOrigin {
  const { k: kind, id, e: encryptedContent, ph: phase, d: details } = json;
  if (kind === "rc") return { kind };
  if (kind === "rd" && Array.isArray(details)) return { kind, details };
  if (kind === "rs" && typeof id === "string" && typeof encryptedContent === "string") {
    return { kind, id, encryptedContent, ...(typeof phase === "string" && { phase }) };
  }
  return { kind: "none" };
}

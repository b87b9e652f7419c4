import type { BodyBytes } from "../../bytes/body-bytes.ts";
import { signaturePrefix } from "../../conversation/ids/signature.ts";

const shortestRealSignature = 40;

/**
 * Decides whether an anthropic provider must not be sent thinking with this proof, its signature or the data of
 * redacted thinking: thinking that ccpb's translation made, and, if the host checks every signature, proofs that no
 * Anthropic API can have made: empty, short, or of another vendor's encryption (`gAAAA`).
 */
export function isForeignProof(proof: string, isStrict: boolean): boolean {
  if (proof.startsWith(signaturePrefix)) return true;
  return isStrict && isWeakProof(proof);
}

/** Decides whether a content block of that type is thinking. */
export function isThinkingType(type: unknown): boolean {
  return type === "thinking" || type === "redacted_thinking";
}

function isWeakProof(proof: string): boolean {
  return proof.length < shortestRealSignature || proof.startsWith("gAAAA");
}

/**
 * Decides whether an ASCII text may occur in a body. `rareAt`: index in it of a character that is rare in prompts,
 * which makes the search cheap.
 */
export function mayHold(body: BodyBytes, text: string, rareAt: number): boolean {
  const sought = new TextEncoder().encode(text);
  const rare = sought[rareAt] as number;
  for (let at = body.indexOf(rare, rareAt); at >= 0; at = body.indexOf(rare, at + 1)) {
    if (holdsAt(body, at - rareAt, sought)) return true;
  }
  return false;
}

/**
 * Decides whether the body may hold something that ccpb's own translation made for the history. A false alarm only
 * costs a closer look.
 */
export function mayHoldOwnMark(body: BodyBytes): boolean {
  // Prefix of the signatures and server tool ids that ccpb makes.
  return mayHold(body, "ccpb1", 4);
}

const signatureKey = new TextEncoder().encode('signature"');
const keyRareAt = 2;
const encrypted = new TextEncoder().encode("gAAAA");
const QUOTE = 0x22;

/**
 * Decides whether the body may hold a `signature` that no Anthropic API can have made. Missing ones and redacted
 * thinking are not found here: the API's refusal reveals them.
 */
export function mayHoldWeakSignature(body: BodyBytes): boolean {
  const rare = signatureKey[keyRareAt] as number;
  for (let at = body.indexOf(rare, keyRareAt); at >= 0; at = body.indexOf(rare, at + 1)) {
    if (!holdsAt(body, at - keyRareAt, signatureKey)) continue;
    const open = body.indexOf(QUOTE, at - keyRareAt + signatureKey.length);
    const close = body.indexOf(QUOTE, open + 1);
    if (open < 0 || close - open <= shortestRealSignature || holdsAt(body, open + 1, encrypted)) return true;
  }
  return false;
}

function holdsAt(body: BodyBytes, start: number, text: Uint8Array): boolean {
  for (let index = 0; index < text.length; index += 1) if (body.at(start + index) !== text[index]) return false;
  return true;
}

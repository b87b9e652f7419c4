import type { UpstreamErrorText } from "../base/outcome.ts";
import { withoutLabels } from "./prose.ts";

// Anthropic names the block in front: "messages.1.content.0: ", "messages.1.content.0.type: ".
const block = /^messages\.\d{1,6}\.content(?:\.\d{1,6})?(?:\.[a-z_]{1,30})?: /i;

/** The beginnings that count: the whole, and behind a relay's label and the place of a block. A text that is quoted stands further in. */
function beginnings(message: string): readonly string[] {
  const text = message.slice(0, 800).replaceAll(/\s/g, " ");
  const bare = withoutLabels(text);
  return [text, bare, bare.replace(block, "")];
}

const troubleForms: readonly RegExp[] = [
  /^invalid [`'"]?signature[`'"]? in [`'"]?(?:redacted_)?thinking[`'"]? block/i,
  /^invalid [`'"]?data[`'"]? in [`'"]?redacted_thinking[`'"]? block/i,
  /^(?:[`'"]?(?:redacted_)?thinking[`'"]?(?: or |, )?){1,2} blocks? .{0,80}(?:cannot be modified|must contain|must remain)/i,
  /^(?:the )?(?:thinking|thought)[ _]?(?:block )?signature .{0,60}(?:invalid|expired|not valid|does not match|mismatch)/i,
  /^(?:the )?(?:signature|thought signature) (?:in|of|for) .{0,40}thinking/i,
  // Gemini: "Corrupted thought signature.", "Thought signature is not valid", "Unable to submit request because thought_signature …".
  /^(?:corrupt(?:ed)?|invalid|bad|malformed|unrecogni[sz]ed|expired|mismatched) [`'"]?(?:thought|thinking)[ _]?signatures?/i,
  /^[`'"]?(?:thought|thinking)[ _]?signatures?[`'"]? .{0,60}(?:invalid|corrupt|not valid|not match|cannot|could not|malformed|expired|mismatch)/i,
  /^(?:unable to|failed to|could not|cannot|can't) (?:submit request because|decode|verify|validate|parse|decrypt|process) .{0,40}(?:thought|thinking)[ _]?signature/i,
  /^invalid value at '[^']{0,120}thought_?signature'/i,
  /^(?:invalid|corrupted|malformed) [`'"]?reasoning_(?:opaque|encrypted|details)/i,
];

const missingForms: readonly RegExp[] = [
  /^expected [`'"]?thinking[`'"]?.{0,80}found/i,
  /^a final [`'"]?assistant[`'"]? message must start with a thinking/i,
  /^(?:the )?[`'"]?(?:content\[\]\.thinking|reasoning_content)[`'"]? .{0,60}must be passed back/i,
  /^thinking is enabled but reasoning_content is missing/i,
];

// The whole of what some gateways and Google's API say, whatever was wrong.
const bareForms: readonly RegExp[] = [
  /^(?:provider|upstream) returned (?:an )?error\.?$/i,
  /^request contains an invalid argument\.?$/i,
  /^(?:bad|invalid) request\.?$/i,
];

/**
 * Decides whether an error does not say what was wrong: OpenRouter's "Provider returned error" alone, Google's
 * "Request contains an invalid argument."
 */
export function isBareRefusal({ message, param }: UpstreamErrorText): boolean {
  return param === undefined && bareForms.some((form) => form.test(message.trim()));
}

/**
 * Trouble that a refusal reports about thinking: `refused`, it was made elsewhere or changed; `missing`, a running
 * tool turn lacks it.
 */
export type ThinkingTrouble = "refused" | "missing";

/**
 * Reads a refusal of thinking. Signatures are bound to who made them; after a failover they are foreign (translation H-05), and where they have gone
 * a running tool turn lacks its thinking (H-07).
 */
export function readThinkingTrouble({ message }: UpstreamErrorText): ThinkingTrouble | undefined {
  const starts = beginnings(message);
  if (starts.some((start) => troubleForms.some((form) => form.test(start)))) return "refused";
  return starts.some((start) => missingForms.some((form) => form.test(start))) ? "missing" : undefined;
}

const encrypted = "[`'\"]?(?:reasoning\\.)?encrypted[ _]content[`'\"]?";

// Encrypted reasoning belongs to a model, an organisation and an item (recorded; openai/codex#8145; maximhq/bifrost#5186; can1357/oh-my-pi#11928).
const reasoningForms: readonly RegExp[] = [
  new RegExp(
    `^(?:the |reasoning )?${encrypted}(?: \\S{1,400})? .{0,160}?(?:(?:could|can) ?not be|not issued|invalid|mismatch|expired|belongs? to)`,
    "i",
  ),
  new RegExp(`^(?:could not|cannot|failed to|unable to) (?:verify|decrypt|decode) .{0,30}${encrypted}`, "i"),
  new RegExp(`^invalid ${encrypted}`, "i"),
  /^item [`'"]rs_[^`'"]{1,200}[`'"] of type [`'"]reasoning[`'"] was provided without its required following item/i,
  /^item with id [`'"]?rs_/i,
];

const reasoningCodes: ReadonlySet<string> = new Set(["invalid_encrypted_content"]);

/** Decides whether Responses refuses reasoning that is played back to it. */
export function isReasoningRefused({ code = "", message }: UpstreamErrorText): boolean {
  if (reasoningCodes.has(code)) return true;
  return beginnings(message).some((start) => reasoningForms.some((form) => form.test(start)));
}

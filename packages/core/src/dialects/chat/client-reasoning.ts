import { makeSignature } from "../../conversation/ids/signature.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { MessageBlock } from "./client-parts.ts";

/** Names the form of a `reasoning_details` entry whose signature is Anthropic's, or ours in its place (OpenRouter's word). */
export const reasoningFormat = "anthropic-claude-v1";

/** Thinking of an earlier answer, and the place in it where it stood: behind so many characters of the content and so many calls. */
export interface PlacedThinking {
  readonly block: MessageBlock;
  readonly contentLength: number;
  readonly callCount: number;
}

/**
 * Reads the thinking that a client sends back in an assistant's message: `reasoning_details` as answers gave them out, else the plain text of
 * `reasoning_content` or `reasoning`. Entries of other vendors are kept in one envelope, so that their maker gets them back.
 */
export function readReasoning(message: JsonObject): readonly PlacedThinking[] {
  const plain = firstText(message["reasoning_content"], message["reasoning"]);
  const details = Array.isArray(message["reasoning_details"]) ? message["reasoning_details"].filter(isObject) : [];
  const own = withoutRepeats(details.filter((entry) => isOwn(entry)));
  if (own.length > 0) {
    const isAlone = own.filter(({ type }) => type === "reasoning.text").length === 1;
    return own.map((entry) => place(entry, isAlone ? plain : ""));
  }
  if (details.length > 0) {
    const thinking = plain === "" ? details.map((entry) => firstText(entry["text"], entry["summary"])).join("") : plain;
    return [atStart({ type: "thinking", thinking, signature: envelope({ kind: "rd", details }) })];
  }
  if (plain === "") return [];
  return [atStart({ type: "thinking", thinking: plain, signature: envelope({ kind: "rc" }) })];
}

/** Streams give the entries of an answer out a second time at its end, and clients that collect them send both back. */
function withoutRepeats(entries: readonly JsonObject[]): readonly JsonObject[] {
  const seen = new Set<string>();
  return entries.filter(({ index, signature, data }) => {
    const entry = `${String(index)} ${String(signature ?? data)}`;
    return !seen.has(entry) && seen.add(entry);
  });
}

function envelope(origin: Parameters<typeof makeSignature>[0]["origin"]): string {
  return makeSignature({ provider: undefined, origin });
}

function atStart(block: MessageBlock): PlacedThinking {
  return { block, contentLength: 0, callCount: 0 };
}

/** An entry that can be read back into a block of the Messages API. */
function isOwn({ format, type, signature, data }: JsonObject): boolean {
  if (typeof format !== "string" || !format.startsWith("anthropic-claude")) return false;
  if (type === "reasoning.encrypted") return typeof data === "string" && data !== "";
  return type === "reasoning.text" && typeof signature === "string" && signature !== "";
}

/** `plain` is the text of an entry that a client has stripped of it. */
function place(entry: JsonObject, plain: string): PlacedThinking {
  const { type, text, signature, data, position } = entry;
  const at = isObject(position) ? position : {};
  const block: MessageBlock =
    type === "reasoning.encrypted"
      ? { type: "redacted_thinking", data }
      : { type: "thinking", thinking: typeof text === "string" ? text : plain, signature };
  return { block, contentLength: countOf(at["content_length"]), callCount: countOf(at["tool_calls"]) };
}

function countOf(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function firstText(...values: readonly unknown[]): string {
  for (const value of values) if (typeof value === "string" && value !== "") return value;
  return "";
}

import { isObject, isText, stringifyJson } from "../../base/json.ts";
import type { ChatOperations } from "./chat-operations.ts";

/** Stands in place of an image in an answer. */
export const imageNote = "[image omitted: the Messages API has no images in answers]";

/**
 * Adds content that is an array of parts (Mistral), or one part. An unknown part becomes its JSON text, so that no content of the answer is lost.
 *
 * @param hasCalls - the message has its tool calls beside the content; those among the parts repeat them.
 */
export function addParts(operations: ChatOperations, content: unknown, hasCalls: boolean): void {
  const parts: readonly unknown[] = Array.isArray(content) ? content : [content];
  // Structured output that was parsed on the way: its JSON text is whole only as a whole.
  if (parts.length > 0 && !parts.some((part) => isPart(part))) {
    addJsonText(operations, content);
    return;
  }
  for (const part of parts) {
    if (!isPart(part)) addJsonText(operations, part);
    if (isText(part)) operations.text(part);
    if (!isObject(part)) continue;
    switch (part["type"]) {
      case "thinking":
      case "reasoning": {
        const thinking = joinedText(part["thinking"] ?? part["reasoning"] ?? part["summary"] ?? part["text"]);
        if (thinking !== "") operations.reasoning(thinking);
        break;
      }
      case "refusal":
        if (isText(part["refusal"])) operations.refusal(part["refusal"]);
        break;
      case "tool_use":
      case "tool_call":
      case "function_call":
        if (!hasCalls) operations.toolCalls([part], "whole", undefined);
        break;
      case "reference": // Mistral's citations: the text stands without them
        break;
      case "image_url":
      case "image":
        operations.note(imageNote);
        break;
      default: {
        const text = valueText(part["text"]);
        if (text !== "") operations.text(text);
      }
    }
  }
}

function addJsonText(operations: ChatOperations, value: unknown): void {
  if (value === null || value === undefined) return;
  const text = stringifyJson(value);
  if (text !== undefined) operations.text(text);
}

const knownParts: ReadonlySet<unknown> = new Set([
  "text",
  "output_text",
  "thinking",
  "reasoning",
  "refusal",
  "reference",
  "tool_use",
  "tool_call",
  "function_call",
  "image_url",
  "image",
]);

/** A part that has a place in the answer, if only an empty one. */
function isPart(part: unknown): boolean {
  if (!isObject(part)) return typeof part === "string" || part === null || part === undefined;
  return knownParts.has(part["type"]) || (typeof part["text"] === "string" && Object.keys(part).length <= 3);
}

/** The text of a part, which OpenAI's assistants put under `value`. */
function valueText(text: unknown): string {
  if (typeof text === "string") return text;
  return isObject(text) && typeof text["value"] === "string" ? text["value"] : "";
}

function joinedText(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  return value
    .map((part) => (isObject(part) && isText(part["text"]) ? part["text"] : isText(part) ? part : ""))
    .join("");
}

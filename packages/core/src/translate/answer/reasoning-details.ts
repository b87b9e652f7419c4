import { isObject, type JsonObject } from "../json-object.ts";
import type { ReasoningOrigin } from "../code/signature.ts";

/** An entry of OpenRouter's `reasoning_details` that is still being put together. */
export type ReasoningDetail = Record<string, unknown>;

/**
 * Adds an entry to those of a thinking block. A stream sends one entry in pieces, told apart by type and index: texts are joined, and the
 * signature comes with the last.
 */
export function addReasoningDetail(details: ReasoningDetail[], detail: JsonObject): void {
  const last = details.at(-1);
  if (last === undefined || last["type"] !== detail["type"] || last["index"] !== detail["index"] || isWhole(last)) {
    details.push({ ...detail });
    return;
  }
  for (const key of Object.keys(detail)) {
    const value = detail[key];
    const before = last[key];
    if (isText(key) && typeof before === "string" && typeof value === "string") last[key] = before + value;
    else if (value !== null && value !== undefined) last[key] = value;
  }
}

/** What an entry shows: the text of `reasoning.text`, the summary of `reasoning.summary`, nothing of `reasoning.encrypted`. */
export function visibleText(detail: JsonObject): string {
  const text = detail["text"] ?? detail["summary"];
  return typeof text === "string" ? text : "";
}

/** What a thinking block was upstream: its entries must go back whole where they hold anything opaque, else its text is all there is. */
export function originOf(details: readonly ReasoningDetail[]): ReasoningOrigin {
  const isOpaque = details.some((detail) => isFilled(detail["data"]) || isFilled(detail["signature"]));
  return isOpaque ? { kind: "rd", details } : { kind: "rc" };
}

/** The entries of a `reasoning_details` member, whatever else it may be. */
export function readReasoningDetails(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((entry) => isObject(entry)) : [];
}

function isText(key: string): boolean {
  return key === "text" || key === "summary";
}

function isWhole(detail: ReasoningDetail): boolean {
  return isFilled(detail["data"]) || isFilled(detail["signature"]);
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

import { isObject, type JsonObject } from "../../base/json.ts";
import { opaqueMembers, type OpaqueMember, type ReasoningOrigin } from "../ids/signature.ts";

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

/**
 * Reads the visible part of an entry: the text of `reasoning.text`, the summary of `reasoning.summary`, nothing of
 * `reasoning.encrypted`.
 */
export function visibleText(detail: JsonObject): string {
  const text = detail["text"] ?? detail["summary"];
  return typeof text === "string" ? text : "";
}

// No vendor's type: it marks a member of the message, beside its `reasoning_details`.
const opaqueType = "ccpb.opaque";

/** Reads the members in which GitHub Copilot and Venice put opaque reasoning, as entries of a thinking block. */
export function readOpaqueMembers(holder: JsonObject): readonly JsonObject[] {
  return opaqueMembers.flatMap((member) => {
    const value = holder[member];
    return typeof value === "string" && value !== "" ? [{ type: opaqueType, member, value }] : [];
  });
}

function opaqueOrigin(details: readonly ReasoningDetail[]): ReasoningOrigin | undefined {
  const last = details.findLast(({ type }) => type === opaqueType);
  return last && { kind: "ro", member: last["member"] as OpaqueMember, value: String(last["value"]) }; // `readOpaqueMembers` made it
}

/**
 * Determines the origin of a thinking block: its entries, if one of them holds anything opaque, because they must go
 * back whole; else its text.
 */
export function originOf(details: readonly ReasoningDetail[]): ReasoningOrigin {
  const opaque = opaqueOrigin(details);
  if (opaque) return opaque;
  const isOpaque = details.some((detail) => isFilled(detail["data"]) || isFilled(detail["signature"]));
  return isOpaque ? { kind: "rd", details } : { kind: "rc" };
}

/** Returns the entries of a `reasoning_details` member, whatever else it may be. */
export function readReasoningDetails(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((entry) => isObject(entry)) : [];
}

function isText(key: string): boolean {
  return key === "text" || key === "summary";
}

function isWhole(detail: ReasoningDetail): boolean {
  return detail["type"] === opaqueType || isFilled(detail["data"]) || isFilled(detail["signature"]);
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

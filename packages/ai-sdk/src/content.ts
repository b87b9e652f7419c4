import type { StreamPart } from "./model-types.ts";

/** Parts that carry nothing a user could lose: they announce, and are held back until content follows. */
const announcements: ReadonlySet<string> = new Set([
  "stream-start",
  "response-metadata",
  "raw",
  "ping",
  "text-start",
  "text-end",
  "reasoning-start",
  "reasoning-end",
  "tool-input-start",
  "tool-input-end",
]);

/**
 * Decides whether the part opens the content gate: from here on, another model's answer would repeat or contradict
 * what the user has.
 */
export function isContent(part: StreamPart): boolean {
  if (announcements.has(part.type) || part.type === "error") return false;
  return !("delta" in part) || part.delta !== "";
}

/** Decides whether the part ends a stream as the interface demands. */
export function isFinish(part: StreamPart): boolean {
  return part.type === "finish";
}

/**
 * Decides whether an answer ended because the model failed. AI SDK 5 states the reason as a string, later versions as
 * an object with the unified reason.
 *
 * @param finishReason - reason of a whole answer or of a `finish` part.
 * @returns true if the model failed.
 */
export function isFailedFinish(finishReason: unknown): boolean {
  const reason =
    typeof finishReason === "object" && finishReason !== null && "unified" in finishReason
      ? finishReason.unified
      : finishReason;
  return reason === "error";
}

import type { StreamFailureMode } from "./config-types.ts";

/**
 * Decides how a stream that breaks after content ends for this client. `auto` aborts the connection for Claude Code,
 * which then retries with a stream, while an `error` event costs it the turn (2.0) or makes it send a long request
 * without streaming (2.1). Other clients get the `error` event.
 */
export function brokenStreamEndingFor(mode: StreamFailureMode, userAgent: string | undefined): "error" | "abort" {
  if (mode !== "auto") return mode;
  return userAgent?.startsWith("claude-cli/") === true ? "abort" : "error";
}

import type { StreamFailureMode } from "./config-types.ts";

/**
 * How a stream that breaks after content ends for this client. `auto`: the connection is aborted for Claude Code, which answers that with a streaming
 * retry, while an `error` event costs it the turn (2.0) or makes it send a long request without streaming (2.1); other clients get the `error` event.
 */
export function brokenStreamEndingFor(mode: StreamFailureMode, userAgent: string | undefined): "error" | "abort" {
  if (mode !== "auto") return mode;
  return userAgent?.startsWith("claude-cli/") === true ? "abort" : "error";
}

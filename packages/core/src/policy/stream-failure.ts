import type { StreamFailureMode } from "../config-types.ts";

/**
 * How a stream that breaks after content ends for this client. `auto`: the connection is aborted for Claude Code from 2.1 on, which answers that
 * with a streaming retry and an `error` event with a long non-streaming request; everybody else gets the `error` event.
 */
export function brokenStreamEndingFor(mode: StreamFailureMode, userAgent: string | undefined): "error" | "abort" {
  if (mode !== "auto") return mode;
  const version = /^claude-cli\/(\d+)\.(\d+)/.exec(userAgent ?? "");
  if (!version) return "error";
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > 2 || (major === 2 && minor >= 1) ? "abort" : "error";
}

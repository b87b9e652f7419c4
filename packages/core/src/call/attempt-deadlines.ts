import type { AttemptDeadlines } from "./call-types.ts";
import type { ProviderConfig, TimeoutsMs } from "../base/config-types.ts";

/**
 * Returns the deadlines of an attempt: a stream has response, first content and idle ones but no total; a call without streaming has connect and total only,
 * for it is Claude Code's own emergency exit and may take minutes.
 */
export function attemptDeadlines(
  settings: TimeoutsMs,
  provider: ProviderConfig,
  call: { readonly stream: boolean; readonly callMs: number },
): AttemptDeadlines {
  const own = provider.timeouts;
  const { connectMs, responseMs, firstContentMs, idleMs, totalMs } = own ? { ...settings, ...own } : settings;
  const { callMs } = call;
  if (!call.stream) return { connectMs, totalMs, callMs };
  return { connectMs, responseMs, contentMs: firstContentMs, idleMs, callMs };
}

/** For how long a probe may be silent before another may be made: longer than every deadline before content. */
export function leaseMs({ contentMs, totalMs, callMs }: AttemptDeadlines): number {
  return Math.min(callMs, Math.max(contentMs ?? 0, totalMs ?? 0)) + 1_000;
}

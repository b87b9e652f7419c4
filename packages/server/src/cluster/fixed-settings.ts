import { accessRulesOf } from "../access-rules.ts";
import type { LoadedConfig } from "../config-file.ts";
import { assertSafeBinding } from "../safe-binding.ts";
import { readTls } from "../tls-material.ts";

/** A configuration with what is fixed at the start as it was at the start: so a worker that starts later is like the others. */
export function asStarted(next: LoadedConfig, first: LoadedConfig): LoadedConfig {
  const { host, port, logFile, workers, tls: firstTls } = first.server;
  const { tls: nextTls, ...server } = next.server;
  const tls = firstTls && (nextTls ?? firstTls);
  return { ...next, server: { ...server, host, port, logFile, workers, ...(tls && { tls }) } };
}

/** Throws what a worker would throw for these settings, before any worker sees them. */
export function checkSettings(next: LoadedConfig, first: LoadedConfig): void {
  const { server } = asStarted(next, first);
  assertSafeBinding(server);
  accessRulesOf(server);
  readTls(server);
}

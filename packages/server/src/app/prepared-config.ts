import { CcpbError, type ProviderConfig } from "@ccpb/core";
import type { LogLevel } from "@ccpb/core/config";
import { type AccessRules, accessRulesOf } from "../http/access-rules.ts";
import type { ActiveConfig } from "../config/config-file.ts";
import { type Exposure, exposureOf } from "./exposure-warnings.ts";
import type { TlsMaterial } from "../http/http.ts";
import { createRedactor } from "../log/redact.ts";
import { assertSafeBinding } from "./safe-binding.ts";
import { secretsOf } from "../config/secrets.ts";
import { readTls } from "../http/tls-material.ts";
import { type Environment, proxyRoute } from "../transport/proxy-route.ts";
import { readTlsOptions } from "../transport/upstream-tls.ts";

/** Everything that a server derives from a configuration, so that putting it into force is assignments only. */
export interface PreparedConfig {
  readonly access: AccessRules;
  readonly tls: TlsMaterial | undefined;
  /** Exposure to warn of. */
  readonly exposure: Exposure;
  readonly logLevel: LogLevel;
  /** Takes the configuration's secrets out of a text. */
  readonly redact: (text: string) => string;
}

/**
 * Derives everything that can fail from a configuration, and changes nothing. A start, a reload, each worker and `ccpb check` call this same function,
 * so that they accept the same configurations.
 *
 * @param environment - Environment from which the proxy variables are read.
 * @throws `CcpbError` (code `configuration`) for settings that cannot be used; the system's error for a certificate that cannot be read.
 */
export function prepareConfig(active: ActiveConfig, environment: Environment): PreparedConfig {
  const { config, server } = active;
  assertSafeBinding(server);
  for (const provider of config.providers) {
    if (provider.enabled === false) continue;
    assertProxy(provider, environment);
    assertTls(provider);
  }
  const tls = readTls(server);
  return {
    access: accessRulesOf(server),
    tls,
    exposure: exposureOf(server, tls),
    logLevel: server.logLevel,
    redact: createRedactor(secretsOf(active)),
  };
}

function assertProxy({ name, baseUrl, proxy }: ProviderConfig, environment: Environment): void {
  if (!URL.canParse(baseUrl)) return;
  try {
    proxyRoute(new URL(baseUrl), proxy, environment);
  } catch (cause) {
    throw unusable(name, cause, proxy === undefined ? "" : " (in its proxy)");
  }
}

function assertTls({ name, tls }: ProviderConfig): void {
  if (tls === undefined) return;
  try {
    readTlsOptions(tls);
  } catch (cause) {
    throw unusable(name, cause, "");
  }
}

function unusable(name: string, cause: unknown, where: string): CcpbError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `provider ${JSON.stringify(name)}: ${reason}${where}`;
  return new CcpbError("configuration", message, { status: 422, type: "invalid_request_error", cause });
}

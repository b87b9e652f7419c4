import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { CcpbError } from "@ccpb/core";
import type { TlsMaterial } from "./http.ts";
import type { ServerSettings } from "../config/server-settings.ts";

/** Reads the certificate and key that `settings.tls` names. Throws the system's error, or `CcpbError` (code `configuration`) where they are none. */
export function readTls({ tls }: Pick<ServerSettings, "tls">): TlsMaterial | undefined {
  if (tls === undefined) return undefined;
  const material = { cert: readFileSync(tls.cert), key: readFileSync(tls.key) };
  try {
    createSecureContext(material);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `settings.tls: ${tls.cert} and ${tls.key} are no certificate with its key in PEM (${reason})`;
    throw new CcpbError("configuration", message, { status: 422, type: "invalid_request_error", cause });
  }
  return material;
}

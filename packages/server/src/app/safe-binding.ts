import { isIPv4 } from "node:net";
import { CcpbError } from "@ccpb/core";
import type { ServerSettings } from "../config/server-settings.ts";

const minimumKeyLength = 16;

/** Decides whether only this machine can reach a server that listens on `host`. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return name === "localhost" || name === "::1" || name === "[::1]" || (isIPv4(name) && name.startsWith("127."));
}

/** Decides whether these settings demand a key of clients. */
export function asksForKeys({ apiKeys, clients = [] }: ServerSettings["auth"]): boolean {
  return apiKeys.length > 0 || clients.length > 0;
}

/** Throws (code `configuration`) for settings that would open the server to everybody: another host than loopback needs keys of 16 characters. */
export function assertSafeBinding({ host, auth }: Pick<ServerSettings, "host" | "auth">): void {
  const { clients = [] } = auth;
  const keys = [...auth.apiKeys, ...clients.flatMap(({ key }) => key ?? [])];
  if (keys.some((key) => key.length === 0)) throw unsafe("settings.auth has an empty key");
  for (const { name, key, keySha256 = "" } of clients) {
    if (key === undefined && !/^[0-9a-f]{64}$/i.test(keySha256))
      throw unsafe(`client ${JSON.stringify(name)} has no key`);
  }
  if (isLoopback(host)) return;
  if (!asksForKeys(auth)) {
    throw unsafe(
      `host ${JSON.stringify(host)} is reachable from other machines: set settings.auth.api_keys or settings.auth.clients, or host to 127.0.0.1`,
    );
  }
  if (keys.some((key) => key.length < minimumKeyLength)) {
    throw unsafe(
      `a key in settings.auth is shorter than ${minimumKeyLength} characters, too short for host ${JSON.stringify(host)}`,
    );
  }
}

function unsafe(message: string): CcpbError {
  return new CcpbError("configuration", message, { status: 422, type: "invalid_request_error" });
}

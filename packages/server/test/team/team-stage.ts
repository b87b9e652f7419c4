import type { ClientSettings } from "@ccpb/core/config";
import type { ServerSettings } from "../../src/config/server-settings.ts";
import { call, messagesBody, type TestReply } from "../running-server.ts";

export const keyOf = (name: string): string => `key-of-${name}-0123456789`;

/** A client as the configuration has it after it was read. */
export function client(name: string, change: Partial<ClientSettings> = {}): ClientSettings {
  const settings = { role: "client", models: ["*"], providers: ["*"], limits: {}, budgets: [], priority: 0 } as const;
  return { name, key: keyOf(name), ...settings, ...change };
}

export function authOf(...clients: readonly ClientSettings[]): Pick<ServerSettings, "auth"> {
  return { auth: { apiKeys: [], clients, exemptPaths: [] } };
}

/** Asks as a client. */
export function askAs(url: string, name: string, change: Readonly<Record<string, unknown>> = {}): Promise<TestReply> {
  const headers = { "content-type": "application/json", "x-api-key": keyOf(name) };
  return call(url, "/v1/messages", { method: "POST", headers, body: messagesBody(change) });
}

export function readAs(url: string, name: string, path: string): Promise<TestReply> {
  return call(url, path, { headers: { "x-api-key": keyOf(name) } });
}

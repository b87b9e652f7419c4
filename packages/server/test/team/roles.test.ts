import { createHash } from "node:crypto";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import type { ClientRole } from "@ccpb/core/config";
import { describe, expect, it } from "vitest";
import { permissions } from "../../src/http/permissions.ts";
import { knownRoutes } from "../../src/routes/routes.ts";
import { call, messagesBody, provider, startTestServer, type TestServer } from "../running-server.ts";
import { client, keyOf } from "./team-stage.ts";

const clients = [
  client("alice"),
  client("bob"),
  client("scraper", { role: "monitor" }),
  client("ops", { role: "operator" }),
];
const auth = { apiKeys: ["an-unnamed-key-0001"], clients, exemptPaths: [{ path: "/health" }] };
const roles: Readonly<Record<ClientRole, string>> = { client: "alice", monitor: "scraper", operator: "ops" };

async function ask(server: TestServer, key: string, model = "claude-opus-5"): Promise<number> {
  const headers = { "content-type": "application/json", "x-api-key": key };
  return (await call(server.url, "/v1/messages", { method: "POST", headers, body: messagesBody({ model }) })).status;
}

describe("who may what", () => {
  it("is told by one table that every route asks, for each role", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] }, { auth });
    const rows = knownRoutes();
    expect(rows.length).toBeGreaterThan(12);
    for (const { path, method, action } of rows) {
      for (const [role, name] of Object.entries(roles) as [ClientRole, string][]) {
        const headers = { authorization: `Bearer ${keyOf(name)}`, "content-type": "application/json" };
        const body = path.startsWith("/v1/mess") ? { body: messagesBody() } : {};
        const { status } = await call(server.url, path, { method, headers, ...body });
        const isRefused = path !== "/health" && path !== "/ui" && permissions[action][role] === "none";
        expect({ method, path, role, isForbidden: status === 403 }).toEqual({
          method,
          path,
          role,
          isForbidden: isRefused,
        });
      }
    }
  });

  it("lets only operators change anything, and nobody but monitors and operators see others", () => {
    for (const action of ["control", "block"] as const)
      expect(permissions[action]).toEqual({ client: "none", monitor: "none", operator: "all" });
    for (const action of ["read-calls", "read-metrics"] as const) expect(permissions[action].client).toBe("none");
    expect(permissions["read-usage"].client).toBe("own");
  });

  it("answers a client that may not with its role and the one it would need", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] }, { auth });
    for (const key of [keyOf("alice"), "an-unnamed-key-0001"]) {
      const reply = await call(server.url, "/providers/reload?reset=true", {
        method: "POST",
        headers: { "x-api-key": key },
      });
      expect(reply.status).toBe(403);
      expect(reply.json()).toMatchObject({
        error: { type: "permission_error", message: expect.stringMatching(/role client, which may not.*operator/) },
      });
    }
    const page = await call(server.url, "/providers/reload", {
      method: "POST",
      headers: { "x-api-key": keyOf("ops") },
    });
    expect(page.status).toBe(200);
  });

  it("leaves servers with api_keys alone, and without keys, as they were: their owner operates them", async () => {
    const alone = { apiKeys: ["an-unnamed-key-0001"], exemptPaths: [] };
    const named = { ...alone, clients: [client("alice")] };
    for (const [settings, key, status] of [
      [{ auth: alone }, "an-unnamed-key-0001", 200],
      [{ auth: named }, "an-unnamed-key-0001", 200],
      [{ auth: named }, keyOf("alice"), 403],
      [{}, "whatever", 200],
    ] as const) {
      await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] }, settings);
      const reply = await call(server.url, "/providers/reload", { method: "POST", headers: { "x-api-key": key } });
      expect(reply.status).toBe(status);
    }
  });
});

describe("a client with a name", () => {
  it("is known by the hash of its key alone, and its key reaches no provider in any header", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const key = keyOf("carol");
    const { key: _, ...rest } = client("carol", { keySha256: createHash("sha256").update(key).digest("hex") });
    await using server = await startTestServer(
      { providers: [provider("one", upstream.url)] },
      { auth: { ...auth, clients: [...clients, rest] } },
    );
    const headers = { "content-type": "application/json", "x-api-key": key, "anthropic-beta": key, "x-app": key };
    const reply = await call(server.url, "/v1/messages", { method: "POST", headers, body: messagesBody() });
    expect(reply.status).toBe(200);
    expect(JSON.stringify(upstream.requests)).not.toContain(key);
    expect(server.text()).not.toContain(key);
  });

  it("gets the models and providers that it may use, and no others", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic" });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const kept = client("kept", { models: ["*haiku*"], providers: ["sec*"] });
    const mapped = {
      models: [
        { pattern: "claude-haiku-4-5", model: "a" },
        { pattern: "claude-opus-5", model: "b" },
      ],
    };
    await using server = await startTestServer(
      { providers: [provider("first", first.url, mapped), provider("second", second.url, mapped)] },
      { auth: { ...auth, clients: [...clients, kept] } },
    );
    expect(await ask(server, keyOf("kept"), "claude-haiku-4-5")).toBe(200);
    expect([first.requests.length, second.requests.length]).toEqual([0, 1]);
    expect(await ask(server, keyOf("kept"), "claude-opus-5")).toBe(404);
    const list = await call(server.url, "/v1/models", { headers: { "x-api-key": keyOf("kept") } });
    expect((list.json() as { data: { id: string }[] }).data.map(({ id }) => id)).toEqual(["claude-haiku-4-5"]);
    for (const path of ["/v1/models/claude-opus-5", "/v1/models/a"])
      expect((await call(server.url, path, { headers: { "x-api-key": keyOf("kept") } })).status).toBe(404);
  });

  it("sees its own usage alone, and nothing of others in what it may read", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] }, { auth });
    expect([await ask(server, keyOf("alice")), await ask(server, keyOf("bob"))]).toEqual([200, 200]);
    const seen = async (name: string, path: string): Promise<string> =>
      (await call(server.url, path, { headers: { "x-api-key": keyOf(name) } })).body;
    for (const path of ["/usage", "/providers", "/providers/explain?model=x", "/v1/models"])
      expect(await seen("alice", path)).not.toContain("bob");
    expect(JSON.parse(await seen("alice", "/usage"))).toMatchObject({ groups: [{ name: "alice", calls: 1 }] });
    expect(JSON.parse(await seen("ops", "/usage"))).toMatchObject({ total: { calls: 2 } });
  });
});

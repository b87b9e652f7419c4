import { refuse, startFakeUpstream, text, type FakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import type { ServerSettings } from "../../src/config/server-settings.ts";
import { call, postMessages, provider, startTestServer, type TestReply, type TestServer } from "../running-server.ts";

interface Stage extends AsyncDisposable {
  readonly server: TestServer;
  readonly first: FakeUpstream;
  readonly second: FakeUpstream;
  /** Posts a control request as a program does. */
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<TestReply>;
  /** Which provider serves a request now; the status where none does. */
  serves(model?: string): Promise<string | number>;
}

const keys = ["sk-first-key-00000001", "sk-first-key-00000002"];

async function startStage(settings: Partial<ServerSettings> = {}): Promise<Stage> {
  const first = await startFakeUpstream({ dialect: "anthropic" });
  const second = await startFakeUpstream({ dialect: "anthropic" });
  const server = await startTestServer(
    {
      providers: [
        provider("first", first.url, {
          auth: { type: "api_key", keys },
          bigModel: "first-big",
          smallModel: "first-small",
        }),
        provider("a/b 二", second.url),
      ],
    },
    settings,
  );
  return {
    server,
    first,
    second,
    post: (path, body, headers = {}) =>
      call(server.url, path, {
        method: "POST",
        headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async serves(model = "claude-opus-5-5") {
      const { status, headers } = await postMessages(server.url, { model });
      return status === 200 ? decodeURIComponent(String(headers["x-ccpb-provider"])) : status;
    },
    async [Symbol.asyncDispose]() {
      for (const one of [server, first, second]) await one[Symbol.asyncDispose]();
    },
  };
}

const everyAct = [
  ...["disable", "drain", "enable", "reset", "test"].map((act) => `/providers/first/${act}`),
  ...["block", "unblock"].flatMap((act) => [`/clients/alice/${act}`, `/sessions/one/${act}`]),
];

describe("an operator over HTTP", () => {
  it("disables a provider and enables it again, with a line in the log that says who and why", async () => {
    await using stage = await startStage();
    const { server } = stage;
    const reply = await stage.post("/providers/first/disable", { for: "2h", reason: "invoice" });
    expect([reply.status, reply.json()]).toEqual([
      200,
      {
        status: "ok",
        message: "first is disabled for 2 h.",
        action: "disable",
        provider: "first",
        key: null,
        model: null,
        before: "free",
        after: "disabled",
        for: 7_200,
        reason: "invoice",
        warning: null,
      },
    ]);
    expect(await stage.serves()).toBe("a/b 二");
    const view = (await call(server.url, "/providers")).json();
    expect(view.providers[0]).toMatchObject({ held: "disabled", healthy: false, enabled: true });
    expect(view.controls).toMatchObject([{ name: "first", state: "disabled", by: "local", reason: "invoice" }]);
    expect(view.controls[0].remaining).toBeGreaterThan(7_100);
    expect((await call(server.url, "/controls")).json().controls).toHaveLength(1);
    const { body } = await call(server.url, "/metrics");
    expect(body).toContain('ccpb_provider_held{provider="first"} 2');
    expect(body).toContain('ccpb_provider_healthy{provider="first"} 0');
    const all = await stage.post("/providers/a%2Fb%20%E4%BA%8C/disable");
    expect(all.json().warning).toBe("No provider can serve a request now.");
    expect(await stage.serves()).toBe(503);
    expect((await stage.post("/providers/first/enable")).json()).toMatchObject({ before: "disabled", after: "free" });
    expect(await stage.serves()).toBe("first");
    expect(server.lines("control")).toMatchObject([
      {
        level: "INFO",
        action: "disable",
        provider: "first",
        by: "local",
        via: "http",
        reason: "invoice",
        for_ms: 7_200_000,
      },
      { action: "disable", provider: "a/b 二", before: "free", after: "disabled", for_ms: null },
      { action: "enable", provider: "first", before: "disabled", after: "free" },
    ]);
  });

  it("takes out one key or one model, and drains", async () => {
    await using stage = await startStage();
    await stage.post("/providers/first/disable", { key: 1 });
    await stage.serves();
    expect(stage.first.requests.at(-1)?.headers["x-api-key"]).toBe(keys[1]);
    await stage.post("/providers/first/disable", { model: "first-big" });
    expect([await stage.serves(), await stage.serves("claude-haiku-4-5")]).toEqual(["a/b 二", "first"]);
    const { message } = (await stage.post("/providers/first/enable")).json();
    expect(message).toBe("first is enabled, and 1 of its parts.");
    expect((await stage.post("/providers/first/enable")).json().message).toBe(
      "first was not held; nothing was changed.",
    );
    expect((await stage.post("/providers/first/drain", { key: 2, model: "first-small" })).json().message).toBe(
      "key 2 of first at first-small is draining: it keeps the sessions that are bound to it.",
    );
  });

  it("resets what cools down: a provider, or of it one key or model", async () => {
    await using stage = await startStage();
    stage.first.setDefault(refuse(429, {}, { "retry-after": "600" }));
    expect(await stage.serves()).toBe("a/b 二");
    stage.first.setDefault(text("Back."));
    expect(await stage.serves()).toBe("a/b 二");
    await stage.post("/providers/first/reset", { key: 2 });
    await stage.serves();
    expect(stage.first.requests.at(-1)?.headers["x-api-key"]).toBe(keys[1]);
    await stage.post("/providers/first/reset");
    await stage.serves();
    expect(stage.first.requests.at(-1)?.headers["x-api-key"]).toBe(keys[0]);
  });

  it("tests a provider with one cheap call a key, and is told the vendor's own words", async () => {
    await using stage = await startStage();
    stage.first.script(text("Hi"), refuse(401, { message: "The key was revoked in spring" }));
    const both = (await stage.post("/providers/first/test")).json();
    expect(both.status).toBe("failed");
    expect(both.results.map(({ key, outcome }: { key: number; outcome: string }) => [key, outcome]).sort()).toEqual([
      [1, expect.any(String)],
      [2, expect.any(String)],
    ]);
    expect(both.message).toContain("The key was revoked in spring");
    const one = (await stage.post("/providers/first/test", { key: 2, model: "first-big" })).json();
    expect(one).toMatchObject({ status: "ok", results: [{ key: 2, model: "first-big", outcome: "answered" }] });
    // Health is as it was: a test is no request of a client.
    expect((await call(stage.server.url, "/providers")).json().providers[0].keys).toEqual([]);
    expect(stage.server.lines("control")).toMatchObject([
      { action: "test", failed: 1 },
      { action: "test", failed: 0 },
    ]);
    expect(stage.server.text()).not.toContain("sk-first-key");
  });

  it("blocks a session by its id, wherever the request says it, and unblocks it", async () => {
    await using stage = await startStage();
    const id = "11111111-2222-4333-8444-555555555555";
    const header = { "x-claude-code-session-id": id };
    const metadata = { metadata: { user_id: JSON.stringify({ session_id: id }) } };
    const ask = async () => [
      (await postMessages(stage.server.url, {}, header)).status,
      (await postMessages(stage.server.url, metadata)).status,
      (await postMessages(stage.server.url, {}, { "x-claude-code-session-id": "another" })).status,
    ];
    expect(await ask()).toEqual([200, 200, 200]);
    const { session } = (await stage.post(`/sessions/${id}/block`, { for: "10m" })).json();
    expect(session).toMatch(/^[0-9a-f]{16}$/);
    expect(await ask()).toEqual([400, 400, 200]);
    const refused = await postMessages(stage.server.url, {}, header);
    expect(refused.headers["x-should-retry"]).toBe("false");
    expect(refused.json().error.message).toBe(
      "This session is blocked by an operator of the balancer for another 10 min; ask them to unblock it.",
    );
    await stage.post(`/sessions/${session}/unblock`);
    expect(await ask()).toEqual([200, 200, 200]);
  });

  it.each([
    ["/v1/messages", { max_tokens: 9, messages: [{ role: "user", content: "Hi" }] }],
    ["/v1/chat/completions", { messages: [{ role: "user", content: "Hi" }] }],
    ["/v1/responses", { input: "Hi" }],
  ])("shuts a client and a session out of %s, in words of its own API", async (path, body) => {
    const rest = { models: ["*"], providers: ["*"], limits: {}, budgets: [], priority: 0 };
    const clients = [
      { ...rest, name: "alice", role: "client", key: "alice-key-000000001" },
      { ...rest, name: "ops", role: "operator", key: "ops-key-00000000001" },
    ] as const;
    await using stage = await startStage({ auth: { apiKeys: [], clients, exemptPaths: [] } });
    const alice = { authorization: "Bearer alice-key-000000001", "x-claude-code-session-id": "one" };
    const ops = { "x-api-key": "ops-key-00000000001" };
    const ask = () => stage.post(path, { model: "claude-opus-5-5", ...body }, alice);
    expect((await ask()).status).toBe(200);
    for (const [target, what] of [
      ["/clients/alice", "client"],
      ["/sessions/one", "session"],
    ]) {
      await stage.post(`${target}/block`, {}, ops);
      const refused = await ask();
      expect([refused.status, refused.json().error.message]).toEqual([
        400,
        `This ${what} is blocked by an operator of the balancer; ask them to unblock it.`,
      ]);
      expect(refused.json().type).toBe(path === "/v1/messages" ? "error" : undefined);
      await stage.post(`${target}/unblock`, {}, ops);
      expect((await ask()).status).toBe(200);
    }
  });

  it("is a client that may: others are refused, and may be blocked by name", async () => {
    const rest = { models: ["*"], providers: ["*"], limits: {}, budgets: [], priority: 0 };
    const clients = [
      { ...rest, name: "alice", role: "client", key: "alice-key-000000001" },
      { ...rest, name: "ops", role: "operator", key: "ops-key-00000000001" },
    ] as const;
    await using stage = await startStage({ auth: { apiKeys: [], clients, exemptPaths: [] } });
    const alice = { "x-api-key": "alice-key-000000001" };
    const ops = { "x-api-key": "ops-key-00000000001" };
    for (const path of everyAct) expect([path, (await stage.post(path, {}, alice)).status]).toEqual([path, 403]);
    const asked = async () => (await postMessages(stage.server.url, {}, alice)).status;
    expect(await asked()).toBe(200);
    expect((await stage.post("/clients/alice/block", { for: "1h", reason: "loop" }, ops)).json()).toMatchObject({
      message: "client alice is blocked for 1 h.",
      client: "alice",
    });
    expect(await asked()).toBe(400);
    expect((await postMessages(stage.server.url, {}, ops)).status).toBe(200);
    expect((await stage.post("/clients/bob/block", {}, ops)).json().error.message).toBe(
      'No client is named "bob"; the configuration has alice, ops.',
    );
    await stage.post("/clients/alice/unblock", {}, ops);
    expect(await asked()).toBe(200);
    expect(stage.server.lines("control")).toMatchObject([
      { by: "ops", client: "alice", action: "block", reason: "loop", before: "free", after: "blocked" },
      { by: "ops", client: "alice", action: "unblock", before: "blocked", after: "free" },
    ]);
  });

  it.each([
    ["/providers/nope/disable", undefined, 404, /No provider is named "nope"; the configuration has first, a\/b 二\./],
    ["/providers/first/disable", { key: 3 }, 404, /first has 2 keys; there is no key 3/],
    ["/providers/first/disable", { key: 0 }, 400, /key is 0; write the key's place in the configuration, from 1/],
    ["/providers/first/disable", { key: "1" }, 400, /key is "1"/],
    ["/providers/first/disable", { model: "first-bih" }, 404, /upstream models are first-big, first-small/],
    ["/providers/first/disable", { for: "soon" }, 400, /for is "soon"; write a span such as/],
    ["/providers/first/disable", { for: 60 }, 400, /for is 60/],
    ["/providers/first/disable", { for: "31d" }, 400, /30 days at most/],
    ["/providers/first/enable", { for: "1h" }, 400, /for makes no sense with enable/],
    ["/providers/first/disable", { reason: "a\nb" }, 400, /reason must be a text/],
    ["/providers/first/disable", { until: "1h" }, 400, /"until" is not known here; known are key, model, for, reason/],
    ["/providers/first/disable", [], 400, /must be a JSON object/],
    ["/providers/first/disable", { reason: "x".repeat(20_000) }, 413, /16384 bytes at most/],
    ["/sessions/x/block", { key: 1 }, 400, /key and model are of providers/],
    ["/providers/first/explode", undefined, 404, /There is nothing at/],
    ["/clients/alice/disable", undefined, 404, /There is nothing at/],
    ["/providers/%zz/disable", undefined, 404, /There is nothing at/],
  ])("is told what is wrong with %s and %j", async (path, body, status, message) => {
    await using stage = await startStage();
    const reply = await stage.post(path, body);
    expect([reply.status, reply.json().error.message]).toEqual([status, expect.stringMatching(message)]);
    expect(stage.server.balancer.holds()).toEqual([]);
    expect(stage.server.lines("control")).toEqual([]);
  });

  it("must send a body as JSON, and by POST", async () => {
    await using stage = await startStage();
    const sent = { method: "POST", body: '{"for":"1h"}' };
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const reply = await call(stage.server.url, "/providers/first/disable", {
        ...sent,
        headers: { "content-type": type },
      });
      expect(reply.status).toBe(415);
    }
    const got = await call(stage.server.url, "/providers/first/disable");
    expect([got.status, got.headers["allow"]]).toEqual([405, "POST"]);
    expect(stage.server.balancer.holds()).toEqual([]);
  });

  it("needs a key where the server has keys", async () => {
    await using stage = await startStage({ auth: { apiKeys: ["a-key-for-this-server"], exemptPaths: [] } });
    expect((await stage.post("/providers/first/disable")).status).toBe(401);
    expect((await stage.post("/providers/first/disable", {}, { "x-api-key": "a-key-for-this-server" })).status).toBe(
      200,
    );
    expect(stage.server.lines("control")).toHaveLength(1);
  });

  it("keeps what was said over a reload, and a key's hold with the key", async () => {
    await using stage = await startStage();
    await stage.post("/providers/first/disable", { key: 1 });
    await stage.post("/providers/a%2Fb%20%E4%BA%8C/drain");
    const auth = { type: "api_key", keys: ["sk-new-key-000000003", ...keys] } as const;
    await stage.server.server.reload({ providers: [provider("first", stage.first.url, { auth })] });
    const { controls } = (await call(stage.server.url, "/controls")).json();
    expect(controls).toMatchObject([{ name: "first", key: 2, state: "disabled" }]);
    expect(stage.server.balancer.holds()).toMatchObject([{ provider: "first", keyIndex: 1 }]);
  });
});

describe.each(everyAct)("%s from a web page", (path) => {
  const ask = async (headers: Record<string, string>, body = "{}") => {
    await using stage = await startStage();
    const own = { origin: stage.server.url, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
    const all: Record<string, string> = { "content-type": "application/json", ...own, ...headers };
    for (const [name, value] of Object.entries(headers)) if (value === "") delete all[name];
    const reply = await call(stage.server.url, path, { method: "POST", headers: all, body });
    return { status: reply.status, acted: stage.server.lines("control").length };
  };

  it("acts for the page of this server", async () => {
    expect(await ask({})).toEqual({ status: 200, acted: 1 });
  });

  it.each([
    ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["another port of this machine", { origin: "http://127.0.0.1:1", "sec-fetch-site": "same-site" }],
    ["another port, said to be the same", { origin: "http://127.0.0.1:1" }],
    ["a page without an origin", { origin: "null", "sec-fetch-site": "cross-site" }],
    ["a sandboxed frame of this server", { origin: "null" }],
    ["a browser that does not say from where", { "sec-fetch-site": "" }],
    ["another site without an origin", { origin: "", "sec-fetch-site": "cross-site" }],
    ["a rebound name", { host: "evil.example", origin: "http://evil.example" }],
    ["a form", { "content-type": "application/x-www-form-urlencoded", "sec-fetch-mode": "navigate" }],
    ["a script that may not read the answer", { "content-type": "text/plain", "sec-fetch-mode": "no-cors" }],
    ["a body of no type", { "content-type": "" }],
    ["a navigation", { "sec-fetch-mode": "navigate" }],
  ])("is refused to %s", async (_who, headers) => {
    expect(await ask(headers)).toEqual({ status: 403, acted: 0 });
  });
});

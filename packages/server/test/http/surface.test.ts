import { startFakeUpstream, text, refuse, closedPort } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { call, messagesBody, postMessages, provider, startTestServer } from "../running-server.ts";

const json = { "content-type": "application/json" };

describe("the HTTP surface", () => {
  it("answers GET and HEAD / with name, version, status and time", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    const reply = await call(server.url, "/");
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      status: "ok",
      status_page: "/ui",
      proxy_name: expect.any(String),
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
    expect(Date.parse(reply.json().timestamp)).toBeGreaterThan(0);
    const head = await call(server.url, "/", { method: "HEAD" });
    expect([head.status, head.body]).toEqual([200, ""]);
    expect(head.headers["content-length"]).toBe(reply.headers["content-length"]);
    expect((await call(server.url, "/api/hello", { method: "HEAD" })).status).toBe(200);
  });

  it("says healthy while somebody can serve, and 503 when nobody can", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(529) });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const healthy = await call(server.url, "/health");
    expect([healthy.status, healthy.json()]).toEqual([200, { status: "healthy" }]);
    await postMessages(server.url);
    const unhealthy = await call(server.url, "/health");
    expect(unhealthy.status).toBe(503);
    expect(unhealthy.json()).toEqual({ status: "unhealthy", message: expect.any(String) });
  });

  it("explains who would be asked for a model now, under the same rules as /providers, and without a secret", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(500) });
    await using other = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const providers = [
      provider("first", upstream.url),
      provider("second", other.url),
      provider("third", "http://127.0.0.1:9", { enabled: false }),
    ];
    const keys = { auth: { apiKeys: ["a-key-of-this-server-1"], exemptPaths: [] } };
    await using server = await startTestServer({ providers }, keys);
    const headers = { "x-api-key": "a-key-of-this-server-1" };
    await postMessages(server.url, {}, headers);
    const path = "/providers/explain?model=claude-opus-5-5";
    const reply = await call(server.url, path, { headers });
    expect(reply.status).toBe(200);
    expect(reply.json()).toMatchObject({
      model: "claude-opus-5-5",
      candidates: [
        { provider: "second", standing: "usable", why: "takes the request" },
        { provider: "first", standing: "open", why: expect.stringMatching(/^cooling down for \d+ s after /) },
      ],
      others: [{ provider: "third", why: "is disabled" }],
    });
    expect(reply.body).not.toMatch(/sk-test|a-key-of/);
    expect((await call(server.url, path)).status).toBe(401);
    expect((await call(server.url, path, { headers: { ...headers, origin: "https://evil.example" } })).status).toBe(
      403,
    );
    expect((await call(server.url, path, { method: "POST", headers })).status).toBe(405);
    const nameless = await call(server.url, "/providers/explain", { headers });
    expect(nameless.status).toBe(400);
    expect(nameless.json()).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
  });

  it("lists every provider with its health, the disabled ones too, and no secret", async () => {
    // A refused connection says something about the provider as a whole; a 500 would be its deployment's.
    const closed = "http://127.0.0.1:9";
    await using other = await startFakeUpstream({ dialect: "openai" });
    const providers = [
      provider("first", closed),
      provider("second", other.url, { type: "openai", bigModel: "gpt-big", smallModel: "gpt-small" }),
      provider("third", "http://127.0.0.1:9", { enabled: false }),
    ];
    await using server = await startTestServer({ providers });
    await postMessages(server.url);
    const reply = await call(server.url, "/providers");
    expect(reply.status).toBe(200);
    const view = reply.json();
    expect(view).toMatchObject({ total_providers: 3, healthy_providers: 1, current_provider: "second" });
    expect(view.providers[0]).toMatchObject({
      name: "first",
      type: "anthropic",
      base_url: closed,
      enabled: true,
      healthy: false,
      failure_count: 1,
      big_model: "passthrough",
      small_model: "passthrough",
      status: "open",
      reason: expect.stringContaining("connect"),
    });
    expect(view.providers[0].cooldown_remaining).toBeGreaterThan(0);
    expect(Date.parse(view.providers[0].last_failure_time)).toBeGreaterThan(0);
    expect(view.providers[1]).toMatchObject({ healthy: true, status: "closed", reason: null, big_model: "gpt-big" });
    expect(view.providers[2]).toMatchObject({ enabled: false, healthy: false, status: "disabled" });
    expect(reply.body).not.toContain("sk-test");
  });

  it("answers a message with the ids, the time, the provider and the number of attempts in its headers", async () => {
    await using down = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(529) });
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using server = await startTestServer({
      providers: [provider("down", down.url), provider("up", upstream.url)],
    });
    const reply = await postMessages(server.url, {}, { "x-request-id": "mine" });
    expect(reply.status).toBe(200);
    expect(reply.json().content[0].text).toBe("Hi");
    expect(reply.headers).toMatchObject({
      "content-type": expect.stringContaining("application/json"),
      "request-id": reply.json().id.replace("msg_", "req_"),
      "x-request-id": expect.stringMatching(/^req_[0-9a-f]{32}$/),
      "x-response-time-ms": expect.stringMatching(/^\d+$/),
      "x-ccpb-provider": "up",
      "x-ccpb-attempts": "2",
    });
  });

  it("forwards the query and understands a doubled /v1", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const reply = await call(server.url, "/v1/v1/messages?beta=true", {
      method: "POST",
      headers: json,
      body: messagesBody(),
    });
    expect(reply.status).toBe(200);
    expect(upstream.requests[0]).toMatchObject({ path: "/v1/messages", query: "?beta=true" });
  });

  it("takes a slash too many at the beginning or the end for none", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    for (const path of ["//v1/messages", "/v1/messages/", "///v1/v1/messages/", "//messages"]) {
      const reply = await call(server.url, path, { method: "POST", headers: json, body: messagesBody() });
      expect([path, reply.status]).toEqual([path, 200]);
    }
    expect(new Set(upstream.requests.map(({ path }) => path))).toEqual(new Set(["/v1/messages"]));
    for (const path of ["/health/", "/providers/", "//metrics", "/v1/models/", "/usage/?by=day"]) {
      expect([path, (await call(server.url, path)).status]).toEqual([path, 200]);
    }
    expect((await call(server.url, "/providers/one/reset/", { method: "POST" })).status).toBe(200);
    // The page asks for its data beside itself.
    const folder = await call(server.url, "/ui/");
    expect([folder.status, folder.headers["location"]]).toEqual([308, "../ui"]);
  });

  it("lets no slash around a key or a role", async () => {
    const keys = {
      auth: { apiKeys: ["a-key-of-this-server-1"], exemptPaths: [{ path: "/health", methods: ["GET"] }] },
    };
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] }, keys);
    for (const path of ["//providers", "/providers/", "//ui/state", "/ui/state/", "//v1/models/", "/metrics/"]) {
      expect([path, (await call(server.url, path)).status]).toEqual([path, 401]);
    }
    for (const path of ["/health", "/health/", "//health"]) {
      expect([path, (await call(server.url, path)).status]).toEqual([path, 200]);
    }
    expect((await call(server.url, "/ui/")).status).toBe(308);
  });

  it.each([
    ["POST", "/v1/embeddings"],
    ["POST", "/v1/completions"],
    ["POST", "/v1/moderations"],
    ["POST", "/v1/images/generations"],
    ["POST", "/v1/audio/transcriptions"],
    ["GET", "/v1/batches"],
    ["GET", "/v1/chat/completions/chatcmpl-1/messages"],
    ["GET", "/v1/vector_stores/vs_1"],
    ["GET", "/v1/conversations/conv_1"],
    ["GET", "/embeddings"],
  ])("answers %s %s, a part of OpenAI's API that it does not have, in OpenAI's shape", async (method, path) => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    const reply = await call(server.url, path, { method, headers: json, ...(method === "POST" && { body: "{}" }) });
    expect(reply.status).toBe(404);
    expect(reply.json()).toEqual({
      error: { message: expect.stringContaining(path), type: "invalid_request_error", param: null, code: null },
    });
  });

  it("answers 404 in Anthropic's shape, cheaply also for telemetry", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    for (const [method, path] of [
      ["GET", "/nowhere"],
      ["GET", "/v1/nothing"],
      ["GET", "/v1/%6dessages"],
      ["GET", "/v1/messages/batches"],
      ["GET", "/v1/files"],
      ["POST", "/api/event_logging/batch"],
    ] as const) {
      const reply = await call(server.url, path, { method, headers: json, ...(method === "POST" && { body: "{}" }) });
      expect(reply.status).toBe(404);
      expect(reply.json()).toEqual({
        type: "error",
        error: { type: "not_found_error", message: expect.stringContaining(path) },
        request_id: reply.headers["x-request-id"],
      });
      expect(reply.headers["request-id"]).toBe(reply.headers["x-request-id"]);
      expect(reply.headers["x-response-time-ms"]).toMatch(/^\d+$/);
    }
  });

  it("answers 405 with Allow for a known path with another method, and to OPTIONS anywhere", async () => {
    await using server = await startTestServer({ providers: [provider("one", "http://127.0.0.1:9")] });
    for (const [method, path, allow] of [
      ["GET", "/v1/messages", "POST"],
      ["DELETE", "/v1/messages", "POST"],
      ["POST", "/health", "GET, HEAD"],
      ["PUT", "/", "GET, HEAD"],
      ["GET", "/providers/reload", "POST"],
      ["GET", "/api/hello", "HEAD"],
      ["OPTIONS", "/v1/messages", "POST"],
      ["OPTIONS", "/nowhere", "GET, HEAD, POST"],
    ] as const) {
      const reply = await call(server.url, path, { method });
      expect([method, path, reply.status, reply.headers.allow]).toEqual([method, path, 405, allow]);
      expect(reply.json().type).toBe("error");
      expect(Object.keys(reply.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });

  it("counts tokens by the provider, else by an estimate that is marked; never 0, never 404, never 503", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] });
    const counted = await call(server.url, "/v1/messages/count_tokens", {
      method: "POST",
      headers: json,
      body: messagesBody(),
    });
    expect(counted.status).toBe(200);
    expect(counted.json().input_tokens).toBeGreaterThan(0);
    expect(counted.headers["x-ccpb-token-count"]).toBeUndefined();
    for (const status of [404, 429, 500, 529]) {
      upstream.setCountTokens(refuse(status));
      const estimated = await call(server.url, "/v1/messages/count_tokens?beta=true", {
        method: "POST",
        headers: json,
        body: messagesBody(),
      });
      expect(estimated.status).toBe(200);
      expect(estimated.json().input_tokens).toBeGreaterThan(0);
      expect(estimated.headers["x-ccpb-token-count"]).toBe("estimated");
    }
    expect((await call(server.url, "/providers")).json().healthy_providers).toBe(1);
    expect(server.lines("token_count").length).toBe(5);
  });

  it("lists the configured models in Anthropic's shape", async () => {
    const providers = [
      provider("one", "http://127.0.0.1:9", { bigModel: "claude-opus-5", smallModel: "passthrough" }),
      provider("two", "http://127.0.0.1:9", {
        type: "openai",
        bigModel: "gpt-5.6",
        smallModel: "gpt-5.6-mini",
        models: [{ pattern: "*sonnet*", model: "gpt-mid" }],
      }),
      provider("off", "http://127.0.0.1:9", { enabled: false, bigModel: "never" }),
    ];
    await using server = await startTestServer({ providers });
    const list = (await call(server.url, "/v1/models?limit=1000")).json();
    expect(list.data.map((model: { id: string }) => model.id)).toEqual([
      "claude-opus-5",
      "gpt-mid",
      "gpt-5.6",
      "gpt-5.6-mini",
    ]);
    const entry = {
      type: "model",
      id: "claude-opus-5",
      object: "model",
      created: 0,
      owned_by: "ccpb",
      display_name: "claude-opus-5",
      created_at: "1970-01-01T00:00:00Z",
      lifecycle: "active",
      capabilities: null,
      line: null,
      max_input_tokens: null,
      max_tokens: null,
      deprecated_at: null,
      retires_at: null,
    };
    expect(list.data[0]).toEqual(entry);
    expect(list).toMatchObject({ object: "list", has_more: false, first_id: "claude-opus-5", last_id: "gpt-5.6-mini" });
    const pageOf = async (query: string) => {
      const page = (await call(server.url, `/models${query}`)).json();
      return [page.data.map((model: { id: string }) => model.id), page.has_more];
    };
    expect(await pageOf("?limit=1")).toEqual([["claude-opus-5"], true]);
    expect(await pageOf("?limit=2&after_id=gpt-mid")).toEqual([["gpt-5.6", "gpt-5.6-mini"], false]);
    expect(await pageOf("?limit=1&before_id=gpt-5.6")).toEqual([["gpt-mid"], true]);
    expect((await pageOf("?limit=abc"))[0]).toHaveLength(4);
    for (const path of ["/v1/models/claude-opus-5", "/models/claude%2Dopus-5"])
      expect((await call(server.url, path)).json()).toEqual(entry);
    const unknown = await call(server.url, "/v1/models/never");
    expect([unknown.status, unknown.json().error.type]).toEqual([404, "not_found_error"]);
  });

  it("lists the names under which models were served behind the configured ones", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("up", upstream.url)] });
    const ids = async (): Promise<string[]> =>
      (await call(server.url, "/v1/models")).json().data.map(({ id }: { id: string }) => id);
    expect(await ids()).toEqual([]);
    for (const model of ["claude-a", "claude-b", "claude-a"]) await postMessages(server.url, { model });
    expect(await ids()).toEqual(["claude-b", "claude-a"]);
    expect((await call(server.url, "/v1/models/claude-a")).status).toBe(200);
    for (let index = 0; index < 210; index += 1) await postMessages(server.url, { model: `claude-${index}` });
    expect(await ids()).toHaveLength(200);
  });

  it("warns of a server tool that a provider cannot be given", async () => {
    await using upstream = await startFakeUpstream({ dialect: "openai" });
    await using server = await startTestServer({
      providers: [provider("up", upstream.url, { type: "openai", bigModel: "m", smallModel: "m" })],
    });
    const tools = [
      { type: "web_search_20250305", name: "web_search" },
      { name: "f", input_schema: { type: "object" } },
    ];
    const body = JSON.stringify({ ...(JSON.parse(messagesBody()) as object), tools });
    await call(server.url, "/v1/messages", { method: "POST", headers: { "content-type": "application/json" }, body });
    const lines = server.lines("provider_request").filter(({ level }) => level === "WARNING");
    expect(JSON.stringify(lines)).toContain("server tool web_search dropped");
  });

  it("serves the API without /v1 too, and says at other paths what is served", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("up", upstream.url)] });
    const body = JSON.stringify({
      model: "claude-sonnet-5",
      max_tokens: 9,
      messages: [{ role: "user", content: "x" }],
    });
    const headers = { "content-type": "application/json" };
    for (const path of ["/messages", "/v1/messages", "/messages/count_tokens"])
      expect((await call(server.url, path, { method: "POST", headers, body })).status).toBe(200);
    for (const path of ["/v1/complete", "/v1/messages/batches", "/message", "/v1/model"]) {
      const missing = await call(server.url, path);
      expect(missing.status).toBe(404);
      expect(missing.json().error.message).toContain("POST /v1/messages");
    }
  });

  it("exposes metrics whose labels no client can choose, unless they are turned off", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", script: [refuse(500)] });
    await using down = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(500) });
    await using server = await startTestServer({
      providers: [provider("down", down.url), provider("up", upstream.url)],
    });
    await postMessages(server.url, { model: "claude-evil-label" });
    server.balancer.reset();
    await postMessages(server.url, { model: "claude-evil-label" });
    await call(server.url, "/evil-label");
    const reply = await call(server.url, "/metrics");
    expect(reply.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(reply.body).not.toContain("evil-label");
    for (const line of [
      'ccpb_requests_total{provider="up",state="complete",status="200"} 1',
      'ccpb_requests_total{provider="up",state="error",status="503"} 1',
      'ccpb_attempts_total{provider="down",outcome="failed",reason="server-error"} 2',
      'ccpb_failovers_total{provider="down"} 2',
      'ccpb_circuit_state{provider="down"} 2',
      'ccpb_http_requests_total{route="other",status="404"} 1',
      'ccpb_tokens_total{provider="up",kind="output"}',
      'ccpb_request_duration_seconds_bucket{le="+Inf",provider="up",state="complete"} 1',
      'ccpb_time_to_first_content_seconds_count{provider="up"} 1',
      "ccpb_requests_in_flight 1",
    ]) {
      expect(reply.body).toContain(line);
    }
    await using quiet = await startTestServer({ providers: [provider("one", upstream.url)] }, { metrics: false });
    expect((await call(quiet.url, "/metrics")).status).toBe(404);
  });

  it("answers 503 in Anthropic's shape with whole seconds in Retry-After when everybody is down", async () => {
    const providers = [provider("one", `http://127.0.0.1:${await closedPort()}`)];
    await using server = await startTestServer({ providers, settings: { lastResort: false } });
    for (const attempts of ["1", "0"]) {
      const reply = await postMessages(server.url);
      expect(reply.status).toBe(503);
      expect(reply.json()).toMatchObject({
        type: "error",
        error: { type: "api_error" },
        request_id: reply.headers["x-request-id"],
      });
      expect(reply.json().error.message).toContain("All providers are currently unavailable. Please try again later.");
      expect(Number(reply.headers["retry-after"])).toBeGreaterThanOrEqual(1);
      expect(Number(reply.headers["retry-after"])).toBeLessThanOrEqual(60);
      expect(reply.headers["x-ccpb-attempts"]).toBe(attempts);
    }
  });

  it("pins a provider by header where that is allowed", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic" });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const providers = [provider("first", first.url), provider("second", second.url)];
    for (const [allowProviderPin, expected] of [
      [true, "second"],
      [false, "first"],
    ] as const) {
      await using server = await startTestServer({ providers, settings: { allowProviderPin } });
      const reply = await postMessages(server.url, {}, { "x-ccpb-provider": "second" });
      expect(reply.headers["x-ccpb-provider"]).toBe(expected);
    }
  });

  it("turns a fault in a handler into a 500 and one line, and lives on", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    let isBroken = true;
    await using server = await startTestServer({ providers: [provider("one", upstream.url)] }, {}, {});
    const status = server.balancer.status.bind(server.balancer);
    server.balancer.status = () => {
      if (isBroken) throw new RangeError("a fault of ours");
      return status();
    };
    const reply = await call(server.url, "/providers");
    expect(reply.status).toBe(500);
    expect(reply.json()).toMatchObject({ type: "error", error: { type: "api_error", message: "Internal error." } });
    expect(server.lines("server_error")).toMatchObject([
      { level: "ERROR", request_id: reply.headers["x-request-id"], error: "RangeError" },
    ]);
    isBroken = false;
    expect((await call(server.url, "/providers")).status).toBe(200);
  });
});

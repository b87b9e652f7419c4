import { body, echoCredentials, refuse, startFakeUpstream, text, type BehaviourSource } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { call, provider, startTestServer, testKey } from "../running-server.ts";
import { clientName, door } from "./client-doors.ts";
import {
  askServer,
  dialects,
  expectServed,
  expectUnavailable,
  type FaultBench,
  forms,
  healthyWords,
  startBench,
  timeouts,
  upstreamDialect,
} from "./fault-bench.ts";

const json = { "content-type": "application/json" };

/** For how many seconds the first provider, its key or its deployment was taken out, as the log tells it: what is left of them depends on the machine. */
function cooldownOf(bench: FaultBench): number {
  const opened = bench.server
    .lines("circuit_change")
    .filter(({ provider: name, to }) => name === "first" && to === "open");
  return Math.max(...opened.map((line) => Number(line["cooldown_s"])));
}

/** Status → the seconds that it cools, where nothing else is said. */
const failing: readonly (readonly [status: number, seconds: number])[] = [
  [401, 600],
  [402, 600],
  [403, 600],
  [406, 60],
  [408, 60],
  [409, 60],
  [410, 60],
  [418, 60],
  [421, 60],
  [425, 60],
  [429, 1],
  [451, 60],
  [499, 60],
  [500, 60],
  [502, 60],
  [503, 60],
  [504, 60],
  [505, 60],
  [507, 60],
  [520, 60],
  [522, 60],
  [524, 60],
  [525, 60],
  [529, 60],
  [530, 60],
  [599, 60],
  [600, 60],
  [777, 60],
  [999, 60],
  [300, 60],
  [301, 60],
  [302, 60],
  [303, 60],
  [304, 60],
  [307, 60],
  [308, 60],
];

describe.each(forms)("status codes, $dialect, stream: $stream:", ({ dialect, stream }) => {
  it.each(failing)("%i fails over and cools for %i s", async (status, seconds) => {
    await using bench = await startBench({ dialect, first: refuse(status, { message: "no" }) });
    expectServed(await bench.ask(stream), "second", stream);
    expect(cooldownOf(bench)).toBe(seconds);
    expectServed(await bench.ask(stream), "second", stream);
    // A second may be over by now.
    if (seconds > 1) {
      expect((await bench.providerView("first")).healthy).toBe(false);
      expect(bench.first.requests.length).toBe(1);
    }
    expect(bench.completed()[0]).toMatchObject({ state: "complete", attempts: [{ status }, { provider: "second" }] });
  });

  it.each([
    [400, "messages.1.role: Input should be 'user' or 'assistant'"],
    [422, "context_management: Extra inputs are not permitted"],
  ])("%i is the client's: %s", async (status, message) => {
    await using bench = await startBench({ dialect, first: refuse(status, { message }) });
    const reply = await bench.ask(stream);
    expect(reply).toMatchObject({ status, end: "whole" });
    expect(reply.headers["content-type"]).toBe("application/json");
    expect(reply.headers["x-ccpb-provider"]).toBe("first");
    expect(door.errorOf(JSON.parse(reply.body)).message).toContain(message);
    expect(bench.second.requests.length).toBe(0);
    expect(await bench.providerView("first")).toMatchObject({ healthy: true, failure_count: 0, status: "closed" });
    expect(bench.completed()).toMatchObject([{ state: "error", status }]);
  });

  it.each(["openai", "fastapi", "string", "message", "list"] as const)(
    "a 400 in the shape %s keeps its message",
    async (shape) => {
      await using bench = await startBench({ dialect, first: refuse(400, { message: "tools.0: bad schema", shape }) });
      const reply = await bench.ask(stream);
      expect(reply.status).toBe(400);
      const error = door.errorOf(JSON.parse(reply.body));
      expect(error.message).toContain("tools.0: bad schema");
      expect(error.type).toBe("invalid_request_error");
      if (clientName === "messages") expect(JSON.parse(reply.body).request_id).toEqual(expect.any(String));
    },
  );

  it("a 413 that says that the request is too large for Anthropic's API is the client's", async () => {
    const first = refuse(413, { message: "Request exceeds the maximum size", errorType: "request_too_large" });
    await using bench = await startBench({ dialect, first });
    expect(await bench.ask(stream)).toMatchObject({ status: 413, end: "whole" });
    expect(bench.second.requests.length).toBe(0);
  });

  it("a 413 of a relay is tried elsewhere and benches nobody", async () => {
    const content = "<html><title>413 Payload Too Large</title><body>nginx</body></html>";
    await using bench = await startBench({ dialect, first: body(content, { status: 413, contentType: "text/html" }) });
    expectServed(await bench.ask(stream), "second", stream);
    expect(await bench.providerView("first")).toMatchObject({ healthy: true, failure_count: 0 });
  });

  it.each(["<html><title>413 Payload Too Large</title><body>nginx</body></html>", "", "Bad"])(
    "a 413 that is no JSON (%s) is wrapped where nobody else serves",
    async (content) => {
      await using bench = await startBench({
        dialect,
        first: body(content, { status: 413, contentType: "text/html" }),
        second: null,
      });
      const reply = await bench.ask(stream);
      expect(reply.status).toBe(413);
      const error = door.errorOf(JSON.parse(reply.body));
      expect(error.type).toBe(door.errorType("request_too_large"));
      expect(error.message).not.toContain("<body>");
      expect(error.message.length).toBeGreaterThan(0);
    },
  );

  it.each([
    [400, "Your credit balance is too low to access the Anthropic API."],
    [400, "Insufficient balance"],
    [422, "insufficient_quota: add credits"],
    [429, "You exceeded your current quota, please check your plan and billing details. insufficient_quota"],
    [400, "账户余额不足,请充值"],
    [429, "您的账户已欠费"],
  ])("%i with account words (%s) cools the key for half an hour", async (status, message) => {
    await using bench = await startBench({ dialect, first: refuse(status, { message }) });
    expectServed(await bench.ask(stream), "second", stream);
    expect(cooldownOf(bench)).toBe(1800);
  });

  it.each([404, 405, 501])("%i from everybody is the first one's answer, and cools nobody", async (status) => {
    const first = refuse(status, { message: "model: claude-opus-5-5 is not here" });
    await using bench = await startBench({ dialect, first, second: refuse(status, { message: "nor here" }) });
    const reply = await bench.ask(stream);
    expect(reply.status).toBe(status);
    expect(door.errorOf(JSON.parse(reply.body)).message).toContain("claude-opus-5-5 is not here");
    expect([bench.first.requests.length, bench.second.requests.length]).toEqual([1, 1]);
    for (const name of ["first", "second"]) {
      expect(await bench.providerView(name)).toMatchObject({ healthy: true, failure_count: 0 });
    }
    expect(bench.completed()).toMatchObject([{ state: "error", status }]);
  });

  it.each([404, 405, 501])(
    "%i that another serves cools the model at the first, and no other model",
    async (status) => {
      const first: BehaviourSource = ({ body: sent, path }) =>
        `${path} ${JSON.stringify(sent)}`.includes("opus")
          ? refuse(status, { message: "no such model" })
          : text("haiku");
      await using bench = await startBench({ dialect, first });
      expectServed(await bench.ask(stream), "second", stream);
      expect(cooldownOf(bench)).toBe(60);
      expectServed(await bench.ask(stream), "second", stream);
      expect(bench.first.requests.length).toBe(1);
      expectServed(await bench.ask(stream, { model: "claude-haiku-5-5" }), "first", stream, "haiku");
    },
  );

  it.each([404, 501])("%i mixed with other failures is the 503", async (status) => {
    await using bench = await startBench({ dialect, first: refuse(status), second: refuse(500) });
    const { message } = expectUnavailable(await bench.ask(stream));
    expect(message).toContain("first: not-found; second: server-error");
    expect((await bench.providerView("first")).healthy).toBe(true);
  });

  it("a redirect is never followed, and no key goes to where it leads", async () => {
    await using elsewhere = await startFakeUpstream({ dialect: upstreamDialect(dialect) });
    for (const status of [301, 302, 303, 307, 308]) {
      const first = refuse(status, {}, { location: `${elsewhere.url}/v1/messages` });
      await using bench = await startBench({ dialect, first });
      expectServed(await bench.ask(stream), "second", stream);
      const [line] = bench.server.lines("provider_request_failed");
      expect(JSON.stringify(line)).toContain(`127.0.0.1:${elsewhere.port}`);
    }
    expect([elsewhere.requests.length, elsewhere.accepted]).toEqual([0, 0]);
  });

  it("a key that an upstream echoes never reaches the client or the log", async () => {
    for (const status of [400, 401, 404, 422, 500]) {
      const first = echoCredentials(status);
      await using bench = await startBench({ dialect, first, second: first });
      const reply = await bench.ask(stream);
      expect(reply.body + JSON.stringify(reply.headers)).not.toContain(testKey);
      expect(bench.server.text()).not.toContain(testKey);
    }
  });

  it("an error body that never ends costs a second, an endless one 64 kB", async () => {
    const stalled = {
      ...refuse(500, { message: "x".repeat(500) }),
      stop: { at: { bytes: 100 }, by: "stall" },
    } as const;
    const endless = body("x".repeat(5_000_000), { status: 500 });
    for (const first of [stalled, endless]) {
      await using bench = await startBench({ dialect, first });
      const reply = await bench.ask(stream);
      expectServed(reply, "second", stream);
      expect(reply.ms).toBeLessThan(timeouts.totalMs / 2);
    }
  });
});

const soonDate = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toUTCString();
const epoch = (seconds: number): string => String(Math.floor(Date.now() / 1_000) + seconds);
const rfc3339 = (seconds: number): string => new Date(Date.now() + seconds * 1_000).toISOString();

/** Headers → seconds that a 429 and a 503 then cool, at a base of 5 s and a cap of an hour; a 429 that states nothing cools for a second. */
const waits: readonly (readonly [
  what: string,
  headers: () => Record<string, string | string[]>,
  after429: number,
  after503: number,
])[] = [
  ["nothing", () => ({}), 1, 5],
  ["12", () => ({ "retry-after": "12" }), 12, 12],
  ["2", () => ({ "retry-after": "2" }), 2, 2],
  ["1.5", () => ({ "retry-after": "7.5" }), 7.5, 7.5],
  ["0", () => ({ "retry-after": "0" }), 1, 5],
  ["-5", () => ({ "retry-after": "-5" }), 1, 5],
  ["junk", () => ({ "retry-after": "soon" }), 1, 5],
  ["empty", () => ({ "retry-after": "" }), 1, 5],
  ["1e999", () => ({ "retry-after": "1e999" }), 1, 5],
  ["NaN", () => ({ "retry-after": "NaN" }), 1, 5],
  ["Infinity", () => ({ "retry-after": "Infinity" }), 1, 5],
  ["a date", () => ({ "retry-after": soonDate(40) }), 40, 40],
  ["a past date", () => ({ "retry-after": soonDate(-40) }), 1, 5],
  ["twice", () => ({ "retry-after": ["20", "90"] }), 20, 20],
  ["half an hour", () => ({ "retry-after": "1800" }), 1800, 1800],
  ["a day", () => ({ "retry-after": "86400" }), 3600, 3600],
  ["a number beyond reason", () => ({ "retry-after": "99999999999999999999" }), 3600, 3600],
  ["milliseconds", () => ({ "retry-after-ms": "9000" }), 9, 9],
  ["milliseconds and seconds", () => ({ "retry-after-ms": "9000", "retry-after": "20" }), 20, 20],
  [
    "a rejected unified reset",
    () => ({
      "anthropic-ratelimit-unified-status": "rejected",
      "anthropic-ratelimit-unified-5h-status": "rejected",
      "anthropic-ratelimit-unified-5h-reset": epoch(900),
      "anthropic-ratelimit-unified-7d-status": "allowed",
      "anthropic-ratelimit-unified-7d-reset": epoch(3000),
    }),
    900,
    5,
  ],
  [
    "an exhausted Anthropic limit",
    () => ({
      "anthropic-ratelimit-requests-remaining": "0",
      "anthropic-ratelimit-requests-reset": rfc3339(30),
      "anthropic-ratelimit-tokens-remaining": "100",
      "anthropic-ratelimit-tokens-reset": rfc3339(300),
    }),
    30,
    5,
  ],
  [
    "an exhausted OpenAI limit",
    () => ({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m30s" }),
    90,
    5,
  ],
];

describe.each(dialects)("what a provider says about its return, %s:", (dialect) => {
  it.each(waits)("%s", async (what, headers, after429, after503) => {
    const isMoment = /date|unified|Anthropic/.test(what);
    for (const [status, seconds] of [
      [429, after429],
      [503, after503],
      [529, after503],
    ] as const) {
      await using bench = await startBench({
        dialect,
        first: refuse(status, { message: "later" }, headers()),
        settings: { failureCooldownMs: 5_000 },
      });
      expectServed(await bench.ask(true), "second", true);
      const cooldown = cooldownOf(bench);
      // Moments are in whole seconds, and some time passes before they are read.
      expect(cooldown).toBeGreaterThan(isMoment ? seconds - 15 : seconds - 0.1);
      expect(cooldown).toBeLessThanOrEqual(seconds + 0.1);
    }
  });

  it.each([500, 502, 504, 408, 409])("does not count with %i", async (status) => {
    const first = refuse(status, {}, { "retry-after": "900" });
    await using bench = await startBench({ dialect, first, settings: { failureCooldownMs: 5_000 } });
    expectServed(await bench.ask(true), "second", true);
    expect(cooldownOf(bench)).toBe(5);
  });

  it("becomes a retry-after from 1 to 60 for the client", async () => {
    for (const [seconds, low, high] of [
      ["900", 60, 60],
      ["20", 5, 20],
      ["0.2", 1, 1],
    ] as const) {
      const refusal = refuse(503, {}, { "retry-after": seconds });
      await using bench = await startBench({ dialect, first: refusal, second: null });
      const reply = await bench.ask(true);
      const { retryAfter } = expectUnavailable(reply);
      expect(retryAfter).toBeGreaterThanOrEqual(low);
      expect(retryAfter).toBeLessThanOrEqual(high);
      expect(reply.headers["x-should-retry"]).toBeUndefined();
    }
  });
});

describe.each(dialects)("several keys, %s:", (dialect) => {
  const keys = ["sk-key-aaaa-0001", "sk-key-bbbb-0002", "sk-key-cccc-0003"];
  const keyOf = (headers: Readonly<Record<string, string>>): string =>
    (headers["x-api-key"] ?? headers["authorization"] ?? "").replace("Bearer ", "");
  const behaviours =
    (byKey: Readonly<Record<string, BehaviourSource>>): BehaviourSource =>
    (request) => {
      const chosen = byKey[keyOf(request.headers)] ?? text("served by another key");
      return typeof chosen === "function" ? chosen(request) : chosen;
    };

  it.each([401, 402, 403, 429])("%i tries the next key first, and benches the key alone", async (status) => {
    const first = behaviours({ [keys[0] as string]: refuse(status) });
    await using bench = await startBench({ dialect, first, provider: { auth: { type: "api_key", keys } } });
    expectServed(await bench.ask(true), "first", true, "served by another key");
    expectServed(await bench.ask(false), "first", false, "served by another key");
    expect(bench.first.requests.map(({ headers }) => keyOf(headers))).toEqual([keys[0], keys[1], keys[1]]);
    expect(bench.second.requests.length).toBe(0);
    expect((await bench.providerView("first")).healthy).toBe(true);
  });

  it("an account without money tries the next key", async () => {
    const first = behaviours({ [keys[0] as string]: refuse(400, { message: "Your credit balance is too low" }) });
    await using bench = await startBench({ dialect, first, provider: { auth: { type: "api_key", keys } } });
    expectServed(await bench.ask(true), "first", true, "served by another key");
  });

  it.each([500, 502, 520])("%i skips the other keys", async (status) => {
    await using bench = await startBench({
      dialect,
      first: refuse(status),
      provider: { auth: { type: "api_key", keys } },
    });
    expectServed(await bench.ask(true), "second", true);
    expect(bench.first.requests.length).toBe(1);
  });

  it.each([503, 529])("%i, which is the deployment's, skips the other keys", async (status) => {
    await using bench = await startBench({
      dialect,
      first: refuse(status),
      provider: { auth: { type: "api_key", keys } },
    });
    expectServed(await bench.ask(true), "second", true);
    expect(bench.first.requests.length).toBe(1);
  });

  it("each is asked once, then the next provider", async () => {
    await using bench = await startBench({
      dialect,
      first: refuse(401),
      provider: { auth: { type: "api_key", keys } },
    });
    expectServed(await bench.ask(true), "second", true);
    expect(bench.first.requests.map(({ headers }) => keyOf(headers))).toEqual(keys);
    expect(await bench.providerView("first")).toMatchObject({ healthy: false, status: "open" });
  });

  it("x-should-retry: false comes only when every key of everybody is refused", async () => {
    for (const [second, isFinal] of [
      [refuse(401), true],
      [refuse(403), true],
      [refuse(500), false],
      [refuse(429), false],
      [refuse(402), false],
    ] as const) {
      await using bench = await startBench({ dialect, first: refuse(401), second });
      for (const reply of [await bench.ask(true), await bench.ask(false)]) {
        expectUnavailable(reply);
        expect(reply.headers["x-should-retry"]).toBe(isFinal ? "false" : undefined);
      }
    }
  });

  it("x-should-retry does not come while one key is only out for a while", async () => {
    for (const limited of [0, 1, 2]) {
      const byKey = Object.fromEntries(keys.map((key, index) => [key, refuse(index === limited ? 429 : 401)]));
      await using bench = await startBench({
        dialect,
        first: behaviours(byKey),
        second: null,
        provider: { auth: { type: "api_key", keys } },
      });
      for (const reply of [await bench.ask(true), await bench.ask(true)]) {
        expectUnavailable(reply);
        expect(reply.headers["x-should-retry"]).toBeUndefined();
      }
    }
  });
});

describe("retries of the same provider", () => {
  const thinking = {
    messages: [
      { role: "user", content: "Hello" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "hm", signature: "x".repeat(80) },
          { type: "text", text: "Hi" },
        ],
      },
      { role: "user", content: "Go on" },
    ],
  };
  const refusal = refuse(400, { message: "messages.1.content.0: Invalid `signature` in `thinking` block" });

  it.runIf(clientName === "messages").each([true, false])(
    "a signature that is refused is tried once more without thinking, stream: %s",
    async (stream) => {
      await using bench = await startBench({ dialect: "anthropic", first: text("Without."), script: [refusal] });
      expectServed(await bench.ask(stream, thinking), "first", stream, "Without.");
      expect(bench.first.requests.map(({ rawBody }) => Buffer.from(rawBody).toString().includes('"thinking"'))).toEqual(
        [true, false],
      );
      expect((await bench.providerView("first")).failure_count).toBe(0);
      expect(bench.second.requests.length).toBe(0);
    },
  );

  it.runIf(clientName === "messages")(
    "one that is refused again goes to the client, and so does one about a request without thinking",
    async () => {
      await using bench = await startBench({ dialect: "anthropic", first: refusal });
      for (const [change, count] of [
        [thinking, 2],
        [{}, 3],
      ] as const) {
        const reply = await bench.ask(true, change);
        expect(reply.status).toBe(400);
        expect(JSON.parse(reply.body)).toMatchObject({
          error: { message: expect.stringContaining("Invalid `signature`") },
        });
        expect(bench.first.requests.length).toBe(count);
      }
      expect(bench.second.requests.length).toBe(0);
      expect((await bench.providerView("first")).healthy).toBe(true);
    },
  );

  // Where client and provider speak the same API nothing of the request is changed.
  it.runIf(clientName === "messages").each([true, false])(
    "max_tokens that is too large is lowered once, stream: %s",
    async (stream) => {
      const message = "max_tokens is too large: 100000. This model supports at most 16384 completion tokens";
      await using bench = await startBench({
        dialect: "openai",
        first: text("Lowered."),
        script: [refuse(400, { message })],
      });
      expectServed(await bench.ask(stream, { max_tokens: 100_000 }), "first", stream, "Lowered.");
      expect(bench.first.requests.length).toBe(2);
      expect(JSON.stringify(bench.first.requests[1]?.body)).toContain("16384");
      expect((await bench.providerView("first")).failure_count).toBe(0);
      bench.first.setDefault(refuse(400, { message }));
      expect((await bench.ask(stream, { max_tokens: 100_000 })).status).toBe(400);
      expect(bench.first.requests.length).toBe(4);
    },
  );

  it("an answer of tool_use_failed goes to the next provider, and cools nobody", async () => {
    const first = refuse(400, { message: "Failed to call a function", code: "tool_use_failed" });
    await using bench = await startBench({ dialect: "openai", first });
    expectServed(await bench.ask(true), "second", true);
    expect(await bench.providerView("first")).toMatchObject({ healthy: true, failure_count: 0 });
  });

  it.runIf(clientName === "messages")(
    "a prompt that is too long is told in the words that Claude Code knows",
    async () => {
      const message = "This model's maximum context length is 128000 tokens. However, you requested 150000 tokens";
      await using bench = await startBench({
        dialect: "openai",
        first: refuse(400, { message, code: "context_length_exceeded" }),
      });
      const reply = await bench.ask(true);
      expect(reply.status).toBe(400);
      expect(JSON.parse(reply.body)).toMatchObject({
        error: {
          type: "invalid_request_error",
          message: expect.stringMatching(/^prompt is too long: 150000 tokens > 128000 maximum/),
        },
      });
      expect(bench.second.requests.length).toBe(0);
    },
  );
});

describe.runIf(clientName === "messages")("a prompt that is too long", () => {
  const message = "Invalid request: Your request exceeded model token limit: 262144 (requested: 300000)";
  const told = `prompt is too long: 300000 tokens > 262144 maximum (${message})`;

  it.each([400, 413])(
    "is told in Claude Code's words by an anthropic provider with words of its own (%i)",
    async (status) => {
      const error = { type: "bad_request", message, details: { x: 1 } };
      const first = body(JSON.stringify({ type: "error", error, request_id: "up_1" }), { status });
      await using bench = await startBench({ dialect: "anthropic", first });
      const reply = await bench.ask(true);
      expect(reply.status).toBe(400);
      expect(JSON.parse(reply.body)).toEqual({
        type: "error",
        error: { type: "invalid_request_error", message: told, details: { x: 1 } },
        request_id: "up_1",
      });
      expect(bench.second.requests.length).toBe(0);
    },
  );

  it("is told so where an anthropic provider answers in another form", async () => {
    const first = body(JSON.stringify({ error: { message } }), { status: 400 });
    await using bench = await startBench({ dialect: "anthropic", first });
    const reply = await bench.ask(false);
    expect([reply.status, JSON.parse(reply.body).error]).toEqual([
      400,
      { type: "invalid_request_error", message: told },
    ]);
  });

  it.each([
    ["anthropic", `event: error\ndata: ${JSON.stringify({ type: "error", error: { type: "x", message } })}\n\n`],
    ["openai", `data: ${JSON.stringify({ error: { message } })}\n\n`],
  ] as const)(
    "is a plain 400 where an %s provider says it inside a 200 stream, and cools nobody",
    async (dialect, text) => {
      const first = body(text, { status: 200, headers: { "content-type": "text/event-stream" } });
      await using bench = await startBench({ dialect, first });
      const reply = await bench.ask(true);
      expect([reply.status, reply.headers["content-type"]]).toEqual([400, "application/json"]);
      expect(JSON.parse(reply.body)).toMatchObject({ error: { type: "invalid_request_error", message: told } });
      expect(await bench.providerView("first")).toMatchObject({ healthy: true, failure_count: 0 });
      expect(bench.second.requests.length).toBe(0);
    },
  );
});

describe.runIf(clientName === "messages")("an anthropic provider's own error", () => {
  it("is passed on byte for byte, with its headers", async () => {
    const exact =
      '{ "type":"error", "error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum","details":{"x":[1]}},"request_id":"req_up"}\n';
    const first = body(exact, {
      status: 400,
      headers: {
        "request-id": "req_up",
        "anthropic-ratelimit-requests-remaining": "7",
        "set-cookie": "a=b",
        "x-should-retry": "true",
      },
    });
    await using bench = await startBench({ dialect: "anthropic", first });
    const reply = await bench.ask(true);
    expect(reply.body).toBe(exact);
    expect(reply.headers).toMatchObject({
      "request-id": "req_up",
      "anthropic-ratelimit-requests-remaining": "7",
      "x-should-retry": "true",
      "content-type": "application/json",
    });
    expect(reply.headers["set-cookie"]).toBeUndefined();
  });

  it.each([400, 404])("with an error_code in a %i is the client's at once", async (status) => {
    const exact =
      '{"type":"error","error":{"type":"not_found_error","message":"thread","details":{"error_code":"thread_not_found"}}}';
    await using bench = await startBench({ dialect: "anthropic", first: body(exact, { status }) });
    const reply = await bench.ask(true);
    expect([reply.status, reply.body]).toEqual([status, exact]);
    expect(bench.second.requests.length).toBe(0);
    expect((await bench.providerView("first")).healthy).toBe(true);
  });
});

describe("an error code of Anthropic's", () => {
  const coded = (code: string, status: number): BehaviourSource =>
    body(
      JSON.stringify({
        type: "error",
        error: { type: "invalid_request_error", message: "no", details: { error_code: code } },
      }),
      { status },
    );

  it.each([
    ["an organization on hold", "organization_on_hold", 400, false],
    ["a used up contract", "contract_spend_limit_reached", 429, false],
    ["a client that is too old for the model", "claude_code_version_too_old", 400, true],
    ["a signature of another workspace", "compaction_signature_invalid", 400, true],
  ])("that says of %s moves the call on", async (_what, code, status, staysHealthy) => {
    for (const stream of [true, false]) {
      await using bench = await startBench({
        dialect: "anthropic",
        first: coded(code, status),
        second: text("served"),
      });
      expectServed(await bench.ask(stream), "second", stream, "served");
      expect((await bench.providerView("first")).healthy).toBe(staysHealthy);
    }
  });

  it("that says that the client's customer cannot be billed leaves other clients the key", async () => {
    for (const [code, status] of [
      ["linked_organization_spend_limit_reached", 402],
      ["user_profile_billing_not_authorized", 403],
    ] as const) {
      await using bench = await startBench({ dialect: "anthropic", first: coded(code, status), second: text("no") });
      expect((await bench.ask(false)).status).toBe(status);
      expect(bench.second.requests.length).toBe(0);
      expect((await bench.providerView("first")).healthy).toBe(true);
    }
  });
});

describe.runIf(clientName === "messages")("Message Threads", () => {
  const create = { thread: { type: "create" } };
  const goOn = { thread: { type: "continue", previous_message_id: "msg_1" } };

  it("are refused where several providers, or a translated one, could serve", async () => {
    for (const dialect of dialects) {
      await using bench = await startBench({
        dialect,
        first: text("x"),
        second: dialect === "anthropic" ? text("y") : null,
      });
      const created = await bench.ask(false, create);
      expect(created.status).toBe(400);
      expect(JSON.parse(created.body)).toMatchObject({
        error: { details: { error_code: "thread_unsupported_request", unsupported: ["thread"] } },
      });
      const continued = await bench.ask(false, goOn);
      expect(continued.status).toBe(404);
      expect(JSON.parse(continued.body)).toMatchObject({ error: { details: { error_code: "thread_not_found" } } });
      expect(bench.first.requests.length + bench.second.requests.length).toBe(0);
    }
  });

  it("reach the only anthropic provider", async () => {
    await using bench = await startBench({ dialect: "anthropic", first: text("kept"), second: null });
    for (const change of [create, goOn]) {
      expectServed(await bench.ask(false, change), "first", false, "kept");
      expect(bench.first.requests.at(-1)?.body).toMatchObject(change);
    }
  });
});

describe("the whole chain", () => {
  it("is walked in order, each once, across both types of provider", async () => {
    // Without a wait the second one would be asked again after a second, which a busy machine takes.
    const faults = [refuse(500), refuse(429, {}, { "retry-after": "60" }), refuse(401), refuse(404), refuse(529)];
    const upstreams = await Promise.all(
      faults.map((defaultBehaviour, index) =>
        startFakeUpstream({ dialect: index % 2 === 0 ? "anthropic" : "openai", defaultBehaviour }),
      ),
    );
    const last = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text(healthyWords) });
    const all = [...upstreams, last];
    const providers = all.map((upstream, index) => provider(`p${index}`, upstream.url, { type: upstream.dialect }));
    await using server = await startTestServer({ providers, settings: { timeouts } });
    const reply = await askServer(server.url, { stream: true });
    expectServed(reply, "p5", true);
    expect(reply.headers["x-ccpb-attempts"]).toBe("6");
    expect(all.map(({ requests }) => requests.length)).toEqual([1, 1, 1, 1, 1, 1]);
    const replies = await Promise.all(Array.from({ length: 20 }, () => askServer(server.url, { stream: true })));
    for (const one of replies) expectServed(one, "p5", true);
    expect(all.map(({ requests }) => requests.length)).toEqual([1, 1, 1, 1, 1, 21]);
    const tokens = await call(server.url, "/v1/messages/count_tokens", {
      method: "POST",
      headers: json,
      body: '{"model":"m","messages":[]}',
    });
    expect(tokens.status).toBe(200);
    for (const upstream of all) await upstream.close();
  });
});

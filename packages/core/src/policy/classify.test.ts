import { expect, test } from "vitest";
import { TransportError } from "../base/transport.ts";
import type { AttemptFacts } from "./attempt-facts.ts";
import { classify, rulesOut } from "./classify.ts";
import type { Charge, Cooldown, HeaderMap, HealthScope, Judgement, Outcome, StreamFailure } from "../base/outcome.ts";

const wallNowMs = 1_800_000_000_000;

function facts(change: Partial<AttemptFacts> = {}): AttemptFacts {
  return {
    providerType: "anthropic",
    stream: true,
    hasContent: false,
    hasThinking: false,
    retried: new Set(),
    wallNowMs,
    ...change,
  };
}

interface Reply {
  readonly headers?: HeaderMap;
  readonly body?: string;
}

function reply(status: number, { headers = {}, body }: Reply = {}): Outcome {
  return { type: "response", status, headers, ...(body !== undefined && { body }) };
}

function judge(status: number, parts: Reply = {}, change: Partial<AttemptFacts> = {}): Judgement {
  return classify(reply(status, parts), facts(change), []);
}

function anthropicError(message: string, type = "invalid_request_error", details?: object): string {
  return JSON.stringify({ type: "error", error: { type, message, ...(details && { details }) } });
}

function openaiError(message: string, type?: string, code?: string | number): string {
  return JSON.stringify({ error: { message, type, code } });
}

const base: Cooldown = { kind: "base" };
const tenMinutes: Cooldown = { kind: "fixed", ms: 600_000 };
const thirtyMinutes: Cooldown = { kind: "fixed", ms: 1_800_000 };

function charged(scope: HealthScope, cooldown: Cooldown, when: Charge["when"] = "now"): object {
  return { type: "failover", charge: { scope, cooldown, when } };
}

test("an outcome that is no failure goes on", () => {
  for (const type of ["content", "complete"] as const) {
    expect(classify({ type }, facts(), [])).toEqual({ type: "continue" });
    expect(classify({ type }, facts({ hasContent: true }), [])).toEqual({ type: "continue" });
  }
  expect(judge(200)).toEqual({ type: "continue" });
});

test("a client that left ends the call and charges nobody, before and after content", () => {
  for (const hasContent of [false, true]) {
    const judgement = classify({ type: "client-abort" }, facts({ hasContent }), []);
    expect(judgement).toMatchObject({ type: "refuse", reason: { class: "client-abort" } });
    expect(judgement).not.toHaveProperty("charge");
  }
});

test.each(["connect", "response", "content", "idle", "total", "call"] as const)(
  "the %s deadline before content fails over",
  (phase) => {
    expect(classify({ type: "timeout", phase }, facts(), [])).toMatchObject({
      type: "failover",
      suspect: "unclear",
      skipProvider: true,
      reason: { class: "timeout", detail: expect.stringContaining(`the ${phase} deadline passed`) },
    });
  },
);

test.each([
  ["connect", "timeouts.connect"],
  ["response", "timeouts.response or request_timeout"],
  ["content", "timeouts.first_content"],
  ["idle", "timeouts.idle"],
  ["total", "timeouts.total"],
  ["call", "timeouts.call"],
] as const)("the reason of the %s deadline names the setting to raise: %s", (phase, setting) => {
  for (const hasContent of [false, true]) {
    expect(classify({ type: "timeout", phase }, facts({ hasContent }), [])).toMatchObject({
      reason: { detail: expect.stringContaining(`raise ${setting}`) },
    });
  }
});

test("a deadline is weighed: connecting against the provider, the others against the deployment, that of the call against nobody", () => {
  expect(classify({ type: "timeout", phase: "connect" }, facts(), [])).toMatchObject(
    charged("provider", base, "weighed"),
  );
  for (const phase of ["response", "content", "idle", "total"] as const) {
    expect(classify({ type: "timeout", phase }, facts(), [])).toMatchObject(charged("deployment", base, "weighed"));
  }
  expect(classify({ type: "timeout", phase: "call" }, facts(), [])).not.toHaveProperty("charge");
});

test("a deadline on a kept connection that gave no byte is tried once more on a fresh one", () => {
  for (const phase of ["response", "content", "total"] as const) {
    const outcome: Outcome = { type: "timeout", phase, reusedSocket: true };
    expect(classify(outcome, facts(), [])).toMatchObject({ type: "retry", change: "fresh-socket" });
    expect(classify(outcome, facts({ hasHeaders: true }), [])).toMatchObject({ type: "failover" });
    const retried = new Set(["fresh-socket"] as const);
    expect(classify(outcome, facts({ retried }), [])).toMatchObject(charged("deployment", base, "weighed"));
  }
});

test("a connection that fails before content fails over and names the system's code", () => {
  const cause = new TransportError("fetch failed", { cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }) });
  expect(classify({ type: "transport-error", cause }, facts(), [])).toMatchObject({
    ...charged("provider", base),
    reason: {
      class: "connect",
      detail: "the connection failed (ECONNREFUSED; nothing listens at the host and port of base_url, or of its proxy)",
    },
    skipProvider: true,
  });
  const several = new AggregateError([Object.assign(new Error("no"), { code: "ENOTFOUND" })]);
  expect(classify({ type: "transport-error", cause: several }, facts(), [])).toMatchObject({
    reason: { detail: "the connection failed (ENOTFOUND; no such host: check base_url and the DNS of this machine)" },
  });
});

test("what a failing connection says is not repeated: it may hold headers", () => {
  const cause = new Error("socket hang up: x-api-key sk-ant-secret");
  expect(JSON.stringify(classify({ type: "transport-error", cause }, facts(), []))).not.toContain("secret");
});

test("a kept connection that died is tried once more on a fresh one", () => {
  const outcome: Outcome = { type: "transport-error", cause: new Error("reset"), reusedSocket: true };
  expect(classify(outcome, facts(), [])).toMatchObject({ type: "retry", change: "fresh-socket" });
  expect(classify(outcome, facts({ retried: new Set(["fresh-socket"]) }), [])).toMatchObject(
    charged("provider", base, "weighed"),
  );
});

const streamFailures: readonly StreamFailure[] = [
  { type: "error", error: { message: "Overloaded", type: "overloaded_error" } },
  { type: "truncated" },
  { type: "junk", detail: "a line that is no field" },
  { type: "not-an-answer", detail: "an HTML page" },
  { type: "too-large", detail: "more than 16 MB before content" },
];

test.each(streamFailures.slice(1))("a 2xx that is $type fails over", (reason) => {
  expect(classify({ type: "stream-error", reason }, facts(), [])).toMatchObject({
    ...charged("deployment", base, "weighed"),
    suspect: "unclear",
  });
});

test.each([
  [{ status: 529, error: { message: "x" } }, "overloaded"],
  [{ error: { message: "x", type: "overloaded_error" } }, "overloaded"],
  [{ error: { message: "x", code: "rate_limit_exceeded" } }, "rate-limit"],
  [{ error: { message: "x" } }, "server-error"],
])("an error inside a 200 has a class of its own: %o", (failure, expected) => {
  const judgement = classify({ type: "stream-error", reason: { type: "error", ...failure } }, facts(), []);
  expect(judgement).toMatchObject({ reason: { class: expected } });
});

test("an error inside a 200 that blames the request goes to the client, as it would with a status", () => {
  const reason: StreamFailure = { type: "error", status: 400, error: { message: "tools.0: not supported" } };
  expect(classify({ type: "stream-error", reason }, facts(), [])).toMatchObject({ type: "forward" });
});

test.each([undefined, 400, 413, 422, 500])(
  "a prompt that is too long, inside a 200 (%s), is the request's",
  (status) => {
    const error = { message: "This model's maximum context length is 8192 tokens." };
    const reason: StreamFailure = { type: "error", error, ...(status !== undefined && { status }) };
    expect(classify({ type: "stream-error", reason }, facts(), [])).toEqual({
      type: "failover",
      suspect: "request",
      skipProvider: false,
      answer: "always",
      overflow: { limit: 8192 },
      reason: { class: "overflow", detail: "an error instead of an answer", words: error.message },
    });
  },
);

test("a limit of tokens per minute is none of the prompt's", () => {
  const message =
    "Request too large for model on tokens per minute (TPM): Limit 6000. Reduce the length of the messages";
  const reason: StreamFailure = { type: "error", status: 429, error: { message } };
  expect(classify({ type: "stream-error", reason }, facts(), [])).toMatchObject({ reason: { class: "rate-limit" } });
});

test.each<Outcome>([
  { type: "transport-error", cause: new Error("reset"), reusedSocket: true },
  ...streamFailures.map((reason): Outcome => ({ type: "stream-error", reason })),
])("after the first content nothing is tried again, and a cut stream is charged at once: %o", (outcome) => {
  expect(classify(outcome, facts({ hasContent: true }), [{ action: "failover" }])).toMatchObject({
    type: "refuse",
    suspect: "provider",
    charge: { scope: "deployment", cooldown: base, when: "now" },
  });
});

test("after the first content a silence is weighed, and an error event is charged by its kind", () => {
  const judged = (outcome: Outcome): Judgement => classify(outcome, facts({ hasContent: true }), []);
  const event = (error: { readonly message: string; readonly type?: string }): Judgement =>
    judged({ type: "stream-error", reason: { type: "error", error } });
  expect(judged({ type: "timeout", phase: "idle" })).toMatchObject({
    type: "refuse",
    charge: { scope: "deployment", when: "weighed" },
  });
  expect(event({ message: "x", type: "rate_limit_error" })).toMatchObject({ charge: { scope: "key-deployment" } });
  expect(event({ message: "x", type: "authentication_error" })).toMatchObject({ charge: { scope: "key" } });
  expect(event({ message: "x", type: "api_error" })).toMatchObject({ charge: { when: "weighed" } });
  for (const type of ["invalid_request_error", "not_found_error"]) {
    expect(event({ message: "x", type })).not.toHaveProperty("charge");
  }
  const offline = Object.assign(new Error("x"), { code: "ENETDOWN" });
  expect(judged({ type: "transport-error", cause: offline })).toEqual({
    type: "refuse",
    suspect: "host",
    reason: { class: "stream-broken", detail: "the connection failed (ENETDOWN)" },
  });
});

test.each([201, 202, 204, 206, 226])("HTTP %i is no answer", (status) => {
  expect(judge(status)).toMatchObject({
    ...charged("deployment", base, "weighed"),
    reason: { class: "bad-answer" },
  });
});

test.each([301, 302, 303, 304, 307, 308])("HTTP %i is not followed, and only the host is named", (status) => {
  const judgement = judge(status, { headers: { location: "https://elsewhere.example/login?token=abc" } });
  expect(judgement).toMatchObject({
    ...charged("provider", base, "weighed"),
    reason: { class: "redirect", detail: `HTTP ${status} redirects to elsewhere.example` },
  });
});

test.each([400, 413, 422])("HTTP %i about the request goes to the client and charges nobody", (status) => {
  for (const providerType of ["anthropic", "openai"] as const) {
    const judgement = judge(status, { body: anthropicError("messages.0.content: Field required") }, { providerType });
    expect(judgement).toEqual({
      type: "forward",
      reason: {
        class: "client-error",
        detail: `HTTP ${status} (invalid_request_error)`,
        words: "messages.0.content: Field required",
      },
    });
  }
});

test.each([
  "messages.1.role: Input should be 'user' or 'assistant'",
  "context_management: Extra inputs are not permitted",
  "max_tokens: 128000 > 64000, which is the maximum allowed number of output tokens for claude-opus-4",
  "system.0: x-anthropic-billing-header is a reserved keyword and may not be used in the system prompt",
  "tools.3.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
  "Output blocked by content filtering policy",
  "The user prompt was blocked: it is not enabled for your region",
])("Claude Code reads the words of a 400, so they reach it: %s", (message) => {
  expect(judge(400, { body: anthropicError(message) })).toMatchObject({ type: "forward" });
});

test.each([400, 404])("HTTP %i with an error_code in its details is meant for the client's program", (status) => {
  const body = anthropicError("Thread not found", "not_found_error", { error_code: "thread_not_found" });
  expect(judge(status, { body })).toMatchObject({ type: "forward" });
  const odd = anthropicError("credit balance", "invalid_request_error", { error_code: "image_dimensions_too_large" });
  expect(judge(status, { body: odd })).toMatchObject({ type: "forward" });
});

test.each([
  ["prompt is too long: 250000 tokens > 200000 maximum", 200_000],
  [
    "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again",
    200_000,
  ],
  ["Input is too long for requested model.", undefined],
])("a prompt that does not fit goes to a larger window, and its words to the client else: %s", (message, limit) => {
  for (const status of [400, 401, 403, 404, 413, 422, 429, 500, 502, 503]) {
    for (const providerType of ["anthropic", "openai"] as const) {
      const judgement = judge(status, { body: anthropicError(message) }, { providerType });
      expect(judgement).toMatchObject({ type: "failover", suspect: "request", answer: "always" });
      expect(judgement).toHaveProperty("overflow", limit === undefined ? {} : { limit });
      expect(judgement).not.toHaveProperty("charge");
    }
  }
});

test.each([400, 422, 429, 412])("HTTP %i about the account cools the key for 30 minutes", (status) => {
  const body = anthropicError("Your credit balance is too low to access the Anthropic API.");
  const judgement = judge(status, { body, headers: { "retry-after": "5" } });
  expect(judgement).toMatchObject({
    ...charged("key", thirtyMinutes),
    reason: { class: "account" },
    skipProvider: false,
  });
});

test("a refused key that comes as 400 cools the key for 10 minutes", () => {
  const xai = JSON.stringify({
    code: "Client specified an invalid argument",
    error: "Incorrect API key provided: xa***yz.",
  });
  expect(judge(400, { body: xai }, { providerType: "openai" })).toMatchObject({
    ...charged("key", tenMinutes),
    reason: { class: "auth" },
  });
  const google = JSON.stringify([
    { error: { code: 400, message: "API key not valid. Please pass a valid API key.", status: "INVALID_ARGUMENT" } },
  ]);
  expect(judge(400, { body: google }, { providerType: "openai" })).toMatchObject(charged("key", tenMinutes));
});

test.each([
  [401, "auth"],
  [402, "account"],
  [403, "auth"],
])("HTTP %i cools the key for 10 minutes", (status, reasonClass) => {
  expect(judge(status, { body: anthropicError("no", "permission_error") })).toMatchObject({
    ...charged("key", tenMinutes),
    reason: { class: reasonClass },
    skipProvider: false,
  });
});

test.each([404, 405, 501])(
  "HTTP %i fails over and is charged to the deployment only if somebody else serves",
  (status) => {
    expect(judge(status, { body: anthropicError("model: claude-9", "not_found_error") })).toMatchObject({
      ...charged("deployment", base, "if-served"),
      answer: "if-all",
      reason: { class: "not-found" },
    });
  },
);

test("a 400 for a model that it does not have is the same as a 404", () => {
  const body = openaiError("The requested model 'gpt-9' does not exist.", "invalid_request_error", "model_not_found");
  expect(judge(400, { body }, { providerType: "openai" })).toMatchObject({ answer: "if-all" });
  expect(judge(400, { body }, { providerType: "anthropic" })).toMatchObject({ answer: "if-all" });
});

test("a 429 that states nothing cools the key's deployment shortly, and teaches a limit", () => {
  for (const headers of [{}, { "retry-after": "0" }, { "retry-after": "soon" }]) {
    expect(judge(429, { headers })).toMatchObject({
      ...charged("key-deployment", { kind: "short" }),
      suspect: "credential",
      learnsLimit: true,
      reason: { class: "rate-limit" },
      skipProvider: false,
    });
  }
});

test("a 429 with a stated wait is kept as stated", () => {
  const stated = (ms: number): Cooldown => ({ kind: "stated", ms });
  expect(judge(429, { headers: { "retry-after": "120", "retry-after-ms": "90000" } })).toMatchObject(
    charged("key-deployment", stated(120_000)),
  );
  expect(judge(429, { headers: { "retry-after": "1" } })).toMatchObject(charged("key-deployment", stated(1_000)));
  const windows = {
    "anthropic-ratelimit-unified-5h-status": "rejected",
    "anthropic-ratelimit-unified-5h-reset": String(wallNowMs / 1_000 + 7_200),
  };
  expect(judge(429, { headers: windows })).toMatchObject(charged("key", stated(7_200_000)));
  const opus = {
    "anthropic-ratelimit-unified-status": "rejected",
    "anthropic-ratelimit-unified-reset": String(wallNowMs / 1_000 + 60),
    "anthropic-ratelimit-unified-representative-claim": "seven_day_opus",
  };
  expect(judge(429, { headers: opus })).toMatchObject(charged("key-deployment", stated(60_000)));
  expect(
    judge(429, { headers: { ...opus, "anthropic-ratelimit-unified-representative-claim": "seven_day" } }),
  ).toMatchObject(charged("key", stated(60_000)));
  expect(judge(429, { body: openaiError("Rate limit reached for gpt-5 … Please try again in 6m0s.") })).toMatchObject(
    charged("key-deployment", stated(360_000)),
  );
});

test("a limit per minute without a wait lasts a minute", () => {
  const body = openaiError("Rate limit reached for m on tokens per min (TPM): Limit 6000, Used 5000", "tokens");
  for (const status of [429, 413]) {
    expect(judge(status, { body })).toMatchObject(charged("key-deployment", { kind: "fixed", ms: 60_000 }));
  }
});

test("dates are read against the reply's own clock", () => {
  const headers = { date: "Wed, 21 Oct 2026 07:00:00 GMT", "retry-after": "Wed, 21 Oct 2026 07:02:00 GMT" };
  expect(judge(429, { headers })).toMatchObject(charged("key-deployment", { kind: "stated", ms: 120_000 }));
  expect(judge(503, { headers })).toMatchObject(charged("deployment", { kind: "stated", ms: 120_000 }));
});

test("Google's quota that resets within the minute is a rate limit, OpenAI's is the account", () => {
  const words = "You exceeded your current quota, please check your plan and billing details.";
  expect(
    judge(429, {
      body: openaiError(words, "insufficient_quota", "insufficient_quota"),
      headers: { "retry-after": "5" },
    }),
  ).toMatchObject(charged("key", thirtyMinutes));
  expect(judge(429, { body: openaiError(words) })).toMatchObject(charged("key", thirtyMinutes));
  const google = openaiError(`${words} Please retry in 32.3s.`, undefined, 429);
  expect(judge(429, { body: google })).toMatchObject(charged("key-deployment", { kind: "stated", ms: 32_300 }));
});

test.each([503, 529])("HTTP %i cools the deployment for the base, or as the provider says", (status) => {
  expect(judge(status)).toMatchObject({ ...charged("deployment", base), reason: { class: "overloaded" } });
  expect(judge(status, { headers: { "retry-after": "7" } })).toMatchObject(
    charged("deployment", { kind: "stated", ms: 7_000 }),
  );
  expect(judge(status, { headers: { "retry-after": "0" } })).toMatchObject(charged("deployment", base));
  expect(judge(status, { headers: { "retry-after": "soon" } })).toMatchObject(charged("deployment", base));
});

test.each([408, 409, 425, 500, 502, 504, 505, 507, 520, 521, 522, 523, 524, 525, 526, 527, 530, 598, 599])(
  "HTTP %i is unclear: the deployment's charge is weighed",
  (status) => {
    expect(judge(status, { body: "<html>Bad gateway</html>", headers: { "retry-after": "5" } })).toMatchObject({
      ...charged("deployment", base, "weighed"),
      suspect: "unclear",
    });
  },
);

test.each([0, 99, 100, 199, 406, 410, 418, 431, 451, 499, 600, 799, 999])("HTTP %i has a row too", (status) => {
  expect(judge(status)).toMatchObject({ ...charged("deployment", base, "weighed"), suspect: "unclear" });
});

test("a tool call that the model botched fails over and cools nobody", () => {
  const body = JSON.stringify({
    error: {
      message: "Failed to call a function.",
      type: "invalid_request_error",
      code: "tool_use_failed",
      failed_generation: "<x>",
    },
  });
  const judgement = judge(400, { body }, { providerType: "openai" });
  expect(judgement).toMatchObject({ type: "failover", reason: { class: "tool-use-failed" }, skipProvider: true });
  expect(judgement).not.toHaveProperty("charge");
});

test.each([
  "The encrypted content gAAA... could not be verified. Reason: Encrypted content item_id did not match the target item id.",
  "Error from provider: [invalid_request_error] reasoning `encrypted_content` was not issued to this caller",
  "Failed to decrypt reasoning.encrypted_content",
  "Item 'rs_68c4' of type 'reasoning' was provided without its required following item.",
])("encrypted reasoning that Responses refuses is left out once: %s", (message) => {
  const parts = { body: JSON.stringify({ error: { message, type: "invalid_request_error" } }) };
  const sent: Partial<AttemptFacts> = { providerType: "openai", dialect: "responses", hasThinking: true };
  expect(judge(400, parts, sent)).toMatchObject({ type: "retry", change: "without-thinking" });
  expect(judge(400, parts, { ...sent, hasThinking: false })).toMatchObject({ type: "forward" });
  expect(judge(400, parts, { ...sent, dialect: "chat" })).toMatchObject({ type: "forward" });
});

test("that a model has no encrypted reasoning says nothing about the history", () => {
  const body = JSON.stringify({
    error: { message: "Encrypted content is not supported with this model.", param: "include" },
  });
  expect(judge(400, { body }, { providerType: "openai", dialect: "responses", hasThinking: true })).toMatchObject({
    type: "forward",
  });
});

test.each([
  "messages.1.content.0: Invalid `signature` in `thinking` block",
  "messages.1.content.0: Invalid `data` in `redacted_thinking` block",
  "messages.3.content.1: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified.",
])("a foreign signature is tried once more without thinking: %s", (message) => {
  const parts = { body: anthropicError(message) };
  expect(judge(400, parts, { hasThinking: true })).toMatchObject({ type: "retry", change: "without-thinking" });
  expect(judge(400, parts, { hasThinking: false })).toMatchObject({ type: "forward" });
  expect(judge(400, parts, { hasThinking: true, retried: new Set(["without-thinking"]) })).toMatchObject({
    type: "forward",
  });
});

test.each([
  "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled, a final `assistant` message must start with a thinking block",
  "The `content[].thinking` in the thinking mode must be passed back to the API.",
])("thinking that is missing is not asked for once more, where it was: %s", (message) => {
  const parts = { body: anthropicError(message) };
  expect(judge(400, parts, { asksForThinking: true })).toMatchObject({ type: "retry", change: "without-thinking" });
  expect(judge(400, parts, { hasThinking: true, asksForThinking: false })).toMatchObject({ type: "forward" });
});

test("whether the request carries thinking is asked only where it matters", () => {
  const asked = {
    ...facts(),
    get hasThinking(): boolean {
      throw new Error("asked");
    },
  };
  expect(classify(reply(400, { body: anthropicError("Field required") }), asked, [])).toMatchObject({
    type: "forward",
  });
});

test("a max_tokens above a translated provider's limit is tried once more with less", () => {
  const body = openaiError(
    "max_tokens is too large: 128000. This model supports at most 16384 completion tokens, whereas you provided 128000.",
  );
  const openai = { providerType: "openai", maxTokens: 128_000 } as const;
  expect(judge(400, { body }, openai)).toMatchObject({ type: "retry", change: "lower-max-tokens", maxTokens: 16_384 });
  expect(judge(400, { body }, { ...openai, retried: new Set(["lower-max-tokens"]) })).toMatchObject({
    type: "forward",
  });
  expect(judge(400, { body }, { ...openai, maxTokens: 8_000 })).toMatchObject({ type: "forward" });
  expect(judge(400, { body }, { maxTokens: 128_000 })).toMatchObject({ type: "forward" });
});

test("llama.cpp's 500 for a prompt that is too long is about the prompt", () => {
  const body = JSON.stringify({
    error: {
      code: 500,
      message: "the request exceeds the available context size. try increasing the context size",
      type: "server_error",
    },
  });
  expect(judge(500, { body }, { providerType: "openai" })).toMatchObject({ suspect: "request", answer: "always" });
});

test("a reason's sentence holds the vendor's names, and its own words stand beside it for operators", () => {
  const body = anthropicError("messages.0: the plan\u001b[2J\u202e is sk-ant-abcdef", "invalid_request_error");
  expect(judge(400, { body, headers: { "request-id": "req_1" } })).toEqual({
    type: "forward",
    reason: {
      class: "client-error",
      detail: "HTTP 400 (invalid_request_error)",
      words: "messages.0: the plan\\u001b[2J\\u202e is [redacted]",
      requestId: "req_1",
    },
  });
  const odd = openaiError("no", "sk-proj-abcdefghijklmnop", "the secret plan");
  expect(judge(500, { body: odd })).toMatchObject({ reason: { detail: "HTTP 500" } });
  expect(judge(500, { body: "" })).toEqual(
    expect.objectContaining({ reason: { class: "server-error", detail: "HTTP 500" } }),
  );
  const long = judge(500, { body: openaiError("x".repeat(5_000)) });
  expect(long).toMatchObject({ reason: { words: expect.stringMatching(/^x{200}$/) } });
});

test("a rule of the operator goes before the table", () => {
  const rules = [
    { status: 400, match: "flaky", action: "failover", cooldownMs: 5_000 },
    { status: 418, action: "stop" },
    { status: "5xx", action: "failover", cooldownMs: 0 },
    { status: 429, action: "failover", cooldownMs: 1_000 },
    { status: 422, action: "failover" },
  ] as const;
  const judgeWith = (status: number, body?: string): Judgement =>
    classify(reply(status, body === undefined ? {} : { body }), facts(), rules);
  expect(judgeWith(400, anthropicError("a FLAKY thing"))).toMatchObject({
    ...charged("provider", { kind: "fixed", ms: 5_000 }),
    reason: { class: "rule" },
    skipProvider: true,
  });
  expect(judgeWith(400, anthropicError("other"))).toMatchObject({ type: "forward", reason: { class: "client-error" } });
  expect(judgeWith(418)).toMatchObject({ type: "forward", reason: { class: "rule" } });
  expect(judgeWith(500)).toMatchObject({ type: "failover", reason: { class: "server-error" } });
  expect(judgeWith(500)).not.toHaveProperty("charge");
  expect(judgeWith(429)).toMatchObject(charged("key-deployment", { kind: "fixed", ms: 1_000 }));
  expect(judgeWith(422)).toMatchObject(charged("provider", base));
  expect(judgeWith(200)).toEqual({ type: "continue" });
});

test("a rule that stops cannot give an error inside a 200, or a status that is none, to the client", () => {
  const rules = [{ action: "stop" }] as const;
  const reason: StreamFailure = { type: "error", error: { message: "x" } };
  expect(classify({ type: "stream-error", reason }, facts(), rules)).toMatchObject({ type: "failover" });
  expect(classify(reply(302), facts(), rules)).toMatchObject({ type: "failover" });
  expect(classify(reply(999), facts(), rules)).toMatchObject({ type: "failover" });
});

test("a rule never reads an answer that is no error", () => {
  const reason: StreamFailure = { type: "not-an-answer", detail: "rate limit" };
  const judgement = classify({ type: "stream-error", reason }, facts(), [
    { match: "rate limit", action: "failover", cooldownMs: 1 },
  ]);
  expect(judgement).toMatchObject(charged("deployment", base, "weighed"));
});

test("a retry comes before a rule that fails over", () => {
  const rules = [{ status: 400, action: "failover" }] as const;
  const outcome = reply(400, { body: anthropicError("Invalid `signature` in `thinking` block") });
  expect(classify(outcome, facts({ hasThinking: true }), rules)).toMatchObject({ type: "retry" });
});

test.each<[Judgement, readonly [boolean, boolean, boolean, boolean]]>([
  [judge(500), [true, true, true, false]],
  [judge(503), [true, true, false, false]],
  [judge(404), [true, true, false, false]],
  [judge(401), [true, false, true, false]],
  [judge(429), [true, false, false, false]],
  [judge(400), [false, false, false, false]],
])("a judgement rules out what shares the failure", (judgement, expected) => {
  const failed = { provider: "a", keyIndex: 0, model: "m" };
  const others = [failed, { ...failed, keyIndex: 1 }, { ...failed, model: "n" }, { ...failed, provider: "b" }];
  expect(others.map((other) => rulesOut(judgement, failed, other))).toEqual(expected);
});

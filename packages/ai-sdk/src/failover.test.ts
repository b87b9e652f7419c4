import { APICallError } from "@ai-sdk/provider";
import type { CallTrace } from "@ccpb/core";
import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { finish, partsOf, ScriptedModel, type Step, textOf, textParts } from "../test/models.ts";
import { createBalancer, failover } from "./index.ts";
import type { CallOptions, StreamPart } from "./model-types.ts";

function apiError(statusCode: number, message: string, responseHeaders: Record<string, string> = {}): APICallError {
  const responseBody = JSON.stringify({ error: { message, type: "some_error" } });
  return new APICallError({
    message,
    url: "https://model.test",
    requestBodyValues: {},
    statusCode,
    responseHeaders,
    responseBody,
  });
}

interface Called {
  doStream(options: CallOptions): Promise<{ stream: ReadableStream<StreamPart> }>;
  doGenerate(options: CallOptions): Promise<{ content: unknown; providerMetadata?: unknown }>;
}

/** The failover model as the AI SDK calls it. */
function put(models: readonly ScriptedModel[], options?: Parameters<typeof failover>[1]) {
  const model = failover(models, options);
  const traces: CallTrace[] = [];
  model.balancer.on("call-end", (trace) => traces.push(trace));
  const called = model as unknown as Called;
  return { model, traces, called };
}

const good = (id = "good") => new ScriptedModel(id, textParts("v3", "Hello", " you"));
const announced: readonly Step[] = [
  { type: "stream-start", warnings: [] } as StreamPart,
  { type: "response-metadata", id: "x" } as StreamPart,
  { type: "text-start", id: "9" } as StreamPart,
];
const emptyDelta = { type: "text-delta", id: "9", delta: "" } as StreamPart;

const failures: readonly (readonly [string, readonly Step[]])[] = [
  [
    "a refused connection",
    [
      {
        throws: new APICallError({
          message: "Cannot connect to API",
          url: "",
          requestBodyValues: {},
          cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
        }),
      },
    ],
  ],
  ["a plain error", [{ throws: new Error("boom") }]],
  ["HTTP 500", [{ throws: apiError(500, "broken") }]],
  ["HTTP 529", [{ throws: apiError(529, "Overloaded") }]],
  ["HTTP 429", [{ throws: apiError(429, "slow down", { "retry-after": "30" }) }]],
  ["HTTP 401", [{ throws: apiError(401, "invalid x-api-key") }]],
  ["HTTP 404", [{ throws: apiError(404, "model not found") }]],
  ["a context overflow", [{ throws: apiError(400, "prompt is too long: 210000 tokens > 200000 maximum") }]],
  ["a missing key", [{ throws: Object.assign(new Error("API key is missing"), { name: "AI_LoadAPIKeyError" }) }]],
  [
    "an unsupported function",
    [{ throws: Object.assign(new Error("no"), { name: "AI_UnsupportedFunctionalityError" }) }],
  ],
  ["an unreadable answer", [{ throws: Object.assign(new Error("no"), { name: "AI_TypeValidationError" }) }]],
  ["a finish reason of error", [finish("v3", "error")]],
];
const streamFailures: typeof failures = [
  ...failures,
  ["a cut after the announcements", [...announced, { throws: new Error("terminated") }]],
  ["an end after the announcements", announced],
  ["an end after an empty delta", [...announced, emptyDelta]],
  ["nothing at all", []],
  [
    "an error part with an object",
    [...announced, { type: "error", error: { type: "overloaded_error", message: "Overloaded" } } as StreamPart],
  ],
  ["an error part with text", [...announced, { type: "error", error: "no capacity" } as StreamPart]],
];

describe("a failure before any content", () => {
  it.each(streamFailures)("is not seen in a stream: %s", async (_, steps) => {
    const bad = new ScriptedModel("bad", steps);
    const { called, traces } = put([bad, good()]);
    const { stream } = await called.doStream({});
    const parts = await partsOf(stream);
    expect(textOf(parts)).toBe("Hello you");
    expect(parts.filter(({ type }) => type === "stream-start" || type === "error")).toHaveLength(1);
    expect(parts.at(-1)).toMatchObject({ providerMetadata: { ccpb: { model: "scripted/good" } } });
    expect(traces).toMatchObject([{ state: "complete" }]);
    expect(traces[0]?.attempts[0]).toMatchObject({
      provider: "scripted/bad",
      outcome: expect.not.stringMatching("complete"),
    });
  });

  it.each(failures)("is not seen in a whole answer: %s", async (_, steps) => {
    const { called, traces } = put([new ScriptedModel("bad", steps), good()]);
    const result = await called.doGenerate({});
    expect(result).toMatchObject({
      content: [{ type: "text", text: "Hello you" }],
      providerMetadata: { ccpb: { model: "scripted/good" } },
    });
    expect(traces).toMatchObject([{ state: "complete" }]);
  });
});

describe("a break after content", () => {
  const begun: readonly Step[] = [...announced, { type: "text-delta", id: "9", delta: "Half" } as StreamPart];

  it.each([
    ["a thrown error", [...begun, { throws: new Error("terminated") }]],
    ["an end without a finish", begun],
    ["an error part", [...begun, { type: "error", error: apiError(529, "Overloaded") } as StreamPart]],
    ["an error part and a finish", [...begun, { type: "error", error: "x" } as StreamPart, finish("v3", "error")]],
  ] satisfies [string, readonly Step[]][])("becomes one error part, and nobody else is asked: %s", async (_, steps) => {
    const spare = good();
    const { called, traces } = put([new ScriptedModel("cut", steps), spare]);
    const { stream } = await called.doStream({});
    const parts = await partsOf(stream);
    expect(textOf(parts)).toBe("Half");
    expect(parts.filter(({ type }) => type === "error")).toHaveLength(1);
    expect(spare.seen).toHaveLength(0);
    expect(traces).toMatchObject([{ state: expect.stringMatching(/truncated|error/) }]);
  });
});

it("leaves a model out that has failed, and asks it again after its cooldown", async () => {
  const clock = new VirtualClock();
  const bad = new ScriptedModel("bad", [{ throws: apiError(401, "invalid x-api-key") }]);
  const models = [bad, good()];
  const balancer = createBalancer(models, { failureCooldownMs: 10_000 }, { clock, random: () => 0.5 });
  const { called } = put(models, { balancer });
  for (let round = 0; round < 5; round += 1) await called.doGenerate({});
  const asked = bad.seen.length;
  expect(asked).toBe(1);
  bad.steps = textParts("v3", "Back");
  await clock.advance(3_600_000);
  expect(await called.doGenerate({})).toMatchObject({ content: [{ type: "text", text: "Back" }] });
});

it("gives the request's own error to the caller", async () => {
  const error = apiError(400, "messages.0.content: Field required");
  const { called } = put([new ScriptedModel("a", [{ throws: error }]), new ScriptedModel("b", [{ throws: error }])]);
  await expect(called.doGenerate({})).rejects.toBe(error);
});

it("says with the AI SDK's own error that nobody could serve", async () => {
  const down = (id: string) => new ScriptedModel(id, [{ throws: apiError(503, "down") }]);
  const { called } = put([down("a"), down("b")]);
  const failure: unknown = await called.doGenerate({}).catch((error: unknown) => error);
  expect(APICallError.isInstance(failure)).toBe(true);
  expect(failure).toMatchObject({ statusCode: 503, cause: { message: "down" } });
  expect((failure as Error).message).toMatch(/scripted\/a.*scripted\/b/);
});

describe("the caller's abort", () => {
  it.each([
    ["before the answer", [{ hang: true }]],
    ["where the model does not listen", [{ hang: true, deaf: true }]],
  ] satisfies [string, readonly Step[]][])("ends the call at once %s, and nobody is blamed", async (_, steps) => {
    const hanging = new ScriptedModel("hanging", steps);
    const spare = good();
    const { called, traces, model } = put([hanging, spare]);
    for (const form of ["doGenerate", "doStream"] as const) {
      const controller = new AbortController();
      const calling = called[form]({ abortSignal: controller.signal });
      await Promise.resolve();
      controller.abort(new Error("enough"));
      await expect(calling).rejects.toThrow("enough");
    }
    expect(spare.seen).toHaveLength(0);
    expect(traces).toMatchObject([{ state: "client_cancelled" }, { state: "client_cancelled" }]);
    expect(model.balancer.status().providers.map(({ state }) => state)).toEqual(["closed", "closed"]);
  });

  it("errors a stream that has content, and aborts the model", async () => {
    const steps: readonly Step[] = [{ type: "text-delta", id: "1", delta: "Half" } as StreamPart, { hang: true }];
    const hanging = new ScriptedModel("hanging", steps);
    const { called, traces } = put([hanging, good()]);
    const controller = new AbortController();
    const { stream } = await called.doStream({ abortSignal: controller.signal });
    const reader = stream.getReader();
    expect((await reader.read()).value).toMatchObject({ delta: "Half" });
    const reading = reader.read();
    controller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    expect(hanging.seen[0]?.abortSignal?.aborted).toBe(true);
    expect(traces).toMatchObject([{ state: "client_cancelled" }]);
  });

  it("by cancelling the stream lets go of the model", async () => {
    const hanging = new ScriptedModel("hanging", [
      { type: "text-delta", id: "1", delta: "Half" } as StreamPart,
      { hang: true },
    ]);
    const { called, traces } = put([hanging]);
    const { stream } = await called.doStream({});
    await stream.cancel("enough");
    expect(hanging.seen[0]?.abortSignal?.aborted).toBe(true);
    expect(hanging.cancelled).toBe(1);
    expect(traces).toMatchObject([{ state: "client_cancelled" }]);
  });
});

describe("deadlines", () => {
  it.each([
    ["doStream", [{ hang: true, deaf: true }]],
    ["doStream", [...announced, { hang: true, deaf: true }]],
    ["doGenerate", [{ hang: true }]],
  ] satisfies ["doStream" | "doGenerate", readonly Step[]][])(
    "%s moves on from a silent model",
    async (form, steps) => {
      const clock = new VirtualClock();
      const models = [new ScriptedModel("silent", steps), good()];
      const { called } = put(models, { balancer: createBalancer(models, {}, { clock }) });
      const calling = called[form]({});
      await clock.advance(3_600_000);
      const result = await calling;
      const parts = "stream" in result ? textOf(await partsOf(result.stream)) : JSON.stringify(result.content);
      expect(parts).toContain("Hello");
    },
  );

  it("a silence after content becomes an error part", async () => {
    const clock = new VirtualClock();
    const models = [
      new ScriptedModel("silent", [
        { type: "text-delta", id: "1", delta: "Half" } as StreamPart,
        { hang: true, deaf: true },
      ]),
    ];
    const { called } = put(models, { balancer: createBalancer(models, {}, { clock }) });
    const { stream } = await called.doStream({});
    const reading = partsOf(stream);
    await clock.advance(3_600_000);
    expect((await reading).map(({ type }) => type)).toEqual(["text-delta", "error"]);
  });
});

it("serves 1,000 calls at once in front of a dead model, and rejects none", async () => {
  const { called, model } = put([new ScriptedModel("dead", [{ throws: apiError(500, "dead") }]), good()]);
  const texts = await Promise.all(
    Array.from({ length: 1_000 }, async (_, index) => {
      if (index % 2 === 0) return JSON.stringify((await called.doGenerate({})).content);
      return JSON.stringify([{ type: "text", text: textOf(await partsOf((await called.doStream({})).stream)) }]);
    }),
  );
  expect(new Set(texts)).toEqual(new Set(['[{"type":"text","text":"Hello you"}]']));
  expect(model.balancer.status().providers.map(({ inFlight }) => inFlight)).toEqual([0, 0]);
});

it("shares no health between two failover models over the same objects", async () => {
  const bad = new ScriptedModel("bad", [{ throws: apiError(401, "invalid x-api-key") }]);
  const [one, two] = [put([bad, good()]), put([bad, good()])];
  await one.called.doGenerate({});
  await one.called.doGenerate({});
  expect(bad.seen).toHaveLength(1);
  await two.called.doGenerate({});
  expect(bad.seen).toHaveLength(2);
});

it("shares health where it is asked to, each with its own models", async () => {
  const [bad, first, second] = [
    new ScriptedModel("bad", [{ throws: apiError(401, "invalid x-api-key") }]),
    good("first"),
    good("second"),
  ];
  const balancer = createBalancer([bad, first, second]);
  await put([bad, first], { balancer }).called.doGenerate({});
  await put([bad, second], { balancer }).called.doGenerate({});
  expect([bad, first, second].map(({ seen }) => seen.length)).toEqual([1, 1, 1]);
});

it("keeps two model objects of one name apart", async () => {
  const twins = [
    new ScriptedModel("twin", [{ throws: apiError(500, "x") }]),
    new ScriptedModel("twin", textParts("v3", "Two")),
  ];
  const { called, model } = put(twins);
  expect(await called.doGenerate({})).toMatchObject({ content: [{ text: "Two" }] });
  expect(model.balancer.status().providers.map(({ name }) => name)).toEqual(["scripted/twin", "scripted/twin (2)"]);
});

it("takes only the URLs that every model takes", async () => {
  const [one, two] = [good("one"), good("two")];
  Object.assign(one.supportedUrls, { "image/*": [/^https:/, /^http:/], "application/pdf": [/^https:/] });
  Object.assign(two.supportedUrls, { "image/*": [/^https:/] });
  expect(await failover([one, two]).supportedUrls).toEqual({ "image/*": [/^https:/] });
});

describe("wrong use says what to write", () => {
  it.each([
    ["no model", () => failover([]), "at least one model"],
    ["a name", () => failover(["claude-opus-5-5" as never]), "pass what a provider makes"],
    ["mixed versions", () => failover([good(), new ScriptedModel("old", [], "v2")]), "one version of the AI SDK"],
    [
      "settings beside a balancer",
      () => failover([good()], { balancer: createBalancer([good()]), lastResort: false }),
      "createBalancer",
    ],
    ["an unknown model", () => failover([good("a")], { balancer: createBalancer([good("b")]) }), "scripted/a"],
  ])("%s", (_, act, text) => {
    expect(act).toThrow(TypeError);
    expect(act).toThrow(text);
  });
});

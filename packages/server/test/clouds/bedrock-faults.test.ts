import { errorWithin, type HttpBehaviour, paced, refuse, sized, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { expectBroken, expectServed, startBench, wordsOf } from "../faults/fault-bench.ts";

// The fault suite runs over Bedrock and Vertex AI as it does over the others; here is what only an AWS event stream can do.

const words = "One two three four five six seven eight nine ten.";

function damaged(at: NonNullable<HttpBehaviour["damage"]>[number]): HttpBehaviour {
  return { ...text(words), damage: [at] };
}

describe("an event stream with a wrong bit", () => {
  it.each([
    ["in the length of the first message", { bytes: 1 }],
    ["in the length of its headers", { bytes: 7 }],
    ["in the checksum of the lengths", { bytes: 9 }],
    ["in a header", { bytes: 20 }],
    ["in the payload of the first message", { bytes: 150 }],
    ["before the first content", "before-content"],
  ] as const)("%s goes to the next provider", async (_where, at) => {
    await using bench = await startBench({ dialect: "bedrock", first: damaged(at) });
    expectServed(await bench.ask(true), "second", true);
    expect(bench.first.requests).toHaveLength(1);
  });

  it.each(["mid-content", "before-end"] as const)("%s ends the stream legally", async (at) => {
    await using bench = await startBench({
      dialect: "bedrock",
      first: paced(damaged(at), 5),
      settings: { streamFailure: "error" },
    });
    const reply = await bench.ask(true);
    expectBroken(reply, "error");
    expect(words.startsWith(wordsOf(reply))).toBe(true);
    expect(JSON.stringify(await bench.providerView("first"))).toContain("stream-broken");
  });

  it("in the checksum of the last message, behind which nothing comes, does not end the stream as a whole one", async () => {
    await using bench = await startBench({
      dialect: "bedrock",
      first: paced(damaged("end"), 5),
      settings: { streamFailure: "error" },
    });
    const reply = await bench.ask(true);
    expect(reply.body).not.toContain("message_stop");
  });
});

describe("exceptions within the stream", () => {
  it.each([
    ["throttlingException", "Too many tokens, please wait before trying again."],
    ["serviceUnavailableException", "Bedrock is unable to process your request."],
    ["internalServerException", "The system encountered an unexpected error during processing."],
    ["modelTimeoutException", "The request took too long to process."],
    ["modelStreamErrorException", "The system encountered an unexpected error during processing."],
    ["modelNotReadyException", "The model is not ready."],
  ])("%s before the content goes to the next provider", async (errorType, message) => {
    const first = errorWithin(text(words), "start", { errorType, message });
    await using bench = await startBench({ dialect: "bedrock", first });
    expectServed(await bench.ask(true), "second", true);
    const [line] = bench.server.lines("provider_request_failed");
    expect(JSON.stringify(line)).toContain(errorType);
  });

  it("validationException before the content is the client's", async () => {
    const first = errorWithin(text(words), "start", {
      errorType: "validationException",
      message: "messages.1.content.0: unexpected thing",
    });
    await using bench = await startBench({ dialect: "bedrock", first });
    const reply = await bench.ask(true);
    expect(reply).toMatchObject({ status: 400, end: "whole" });
    expect(JSON.parse(reply.body)).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
    expect(bench.second.requests).toHaveLength(0);
  });

  it("throttling after the content ends the stream with an error, and is charged as throttling", async () => {
    const error = { errorType: "throttlingException", message: "Too many tokens, please wait before trying again." };
    const first = paced(errorWithin(text(words), "mid-content", error), 5);
    await using bench = await startBench({ dialect: "bedrock", first, settings: { streamFailure: "error" } });
    expectBroken(await bench.ask(true), "error");
    expect(JSON.stringify(await bench.providerView("first"))).toContain("rate-limit");
  });
});

describe("errors before the head", () => {
  it.each([
    [429, "ThrottlingException", "Too many requests, please wait before trying again.", "rate-limit"],
    [429, "ThrottlingException", "Too many tokens, please wait before trying again.", "rate-limit"],
    [429, "ModelNotReadyException", "The model is not ready.", "overloaded"],
    [503, "ServiceUnavailableException", "Bedrock is unable to process your request.", "overloaded"],
    [403, "AccessDeniedException", "You don't have access to the model with the specified model ID.", "account"],
    [403, "UnrecognizedClientException", "The security token included in the request is invalid.", "auth"],
    [403, "ExpiredTokenException", "The security token included in the request is expired", "auth"],
    [
      404,
      "ResourceNotFoundException",
      "Could not resolve the foundation model from the model identifier: x",
      "not-found",
    ],
    [408, "ModelTimeoutException", "The request took too long to process.", "server-error"],
    [424, "ModelErrorException", "The model failed.", "server-error"],
    [500, "InternalServerException", "The system failed.", "server-error"],
  ])("%i %s goes to the next provider: %s is %s", async (status, errorType, message, reason) => {
    for (const stream of [true, false]) {
      await using bench = await startBench({ dialect: "bedrock", first: refuse(status, { errorType, message }) });
      expectServed(await bench.ask(stream), "second", stream);
      const [line] = bench.server.lines("provider_request_failed");
      expect(JSON.stringify(line)).toContain(reason);
      expect(JSON.stringify(line)).toContain(errorType);
    }
  });

  it("a prompt that is too long is told in the words at which Claude Code compacts", async () => {
    const first = refuse(400, { errorType: "ValidationException", message: "Input is too long for requested model." });
    await using bench = await startBench({ dialect: "bedrock", first, second: first });
    const reply = await bench.ask(true);
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body)).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringMatching(/^prompt is too long/) },
    });
  });

  it("a validation error is the client's, in Anthropic's shape", async () => {
    const first = refuse(400, {
      errorType: "ValidationException",
      message: "messages: at least one message is required",
    });
    await using bench = await startBench({ dialect: "bedrock", first });
    const reply = await bench.ask(false);
    expect(reply.status).toBe(400);
    expect(JSON.parse(reply.body)).toMatchObject({
      type: "error",
      error: { type: "invalid_request_error", message: "messages: at least one message is required" },
    });
    expect(bench.second.requests).toHaveLength(0);
  });
});

describe("errors of Vertex AI", () => {
  const quota = "Quota exceeded for aiplatform.googleapis.com/";
  it.each([
    [
      429,
      "RESOURCE_EXHAUSTED",
      `${quota}online_prediction_input_tokens_per_minute_per_base_model with base model: anthropic-claude-opus-5. Please submit a quota increase request.`,
      "rate-limit",
    ],
    [
      429,
      "RESOURCE_EXHAUSTED",
      `${quota}online_prediction_requests_per_base_model with base model: anthropic-claude-opus-5. Please submit a quota increase request. https://cloud.google.com/vertex-ai/docs/generative-ai/quotas-genai.`,
      "rate-limit",
    ],
    [429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).", "rate-limit"],
    [
      403,
      "PERMISSION_DENIED",
      "Permission 'aiplatform.endpoints.predict' denied on resource '//aiplatform.googleapis.com/projects/p/locations/global/publishers/anthropic/models/claude-opus-5' (or it may not exist).",
      "auth",
    ],
    [401, "UNAUTHENTICATED", "Request had invalid authentication credentials. Expected OAuth 2 access token.", "auth"],
    [
      404,
      "NOT_FOUND",
      "Publisher Model `projects/p/locations/global/publishers/anthropic/models/claude-x` was not found or your project does not have access to it.",
      "not-found",
    ],
    [503, "UNAVAILABLE", "The service is currently unavailable.", "overloaded"],
    [500, "INTERNAL", "Internal error encountered.", "server-error"],
    [504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.", "server-error"],
  ])("%i %s goes to the next provider: %s is %s", async (status, errorType, message, reason) => {
    for (const shape of ["vertex", "list"] as const) {
      const error = { errorType, message, ...(shape === "list" && { shape }) };
      await using bench = await startBench({ dialect: "vertex", first: refuse(status, error) });
      expectServed(await bench.ask(true), "second", true);
      const [line] = bench.server.lines("provider_request_failed");
      expect(JSON.stringify(line)).toContain(`"reason":"${reason}:`);
    }
  });
});

describe("what a client is given of a stream", () => {
  it.each([1, 7, 100, "coalesced"] as const)("is the same in reads of %s bytes", async (size) => {
    await using bench = await startBench({ dialect: "bedrock", first: sized(text(words), size) });
    expectServed(await bench.ask(true), "first", true, words);
  });
});

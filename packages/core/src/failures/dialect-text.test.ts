import { describe, expect, it } from "vitest";
import { pointsToChat, pointsToResponses } from "./dialect-text.ts";

describe("an error of Chat Completions", () => {
  it.each([
    "Error: 400 Function tools with reasoning_effort are not supported for gpt-5.4-mini in /v1/chat/completions. Please use /v1/responses instead.",
    "This model is only supported in v1/responses and not in v1/chat/completions.",
    "Unsupported legacy protocol: /v1/chat/completions is not supported. Please use /v1/responses.",
    "The chatCompletion operation does not work with the specified model, gpt-5-codex. Please choose different model and try again.",
    'model "gpt-5.1-codex" is not accessible via the /chat/completions endpoint',
    "This feature is only available via the Responses API.",
  ])("sends to Responses: %s", (message) => {
    expect(pointsToResponses({ message })).toBe(true);
  });

  it.each([
    "This is not a chat model and thus not supported in the v1/chat/completions endpoint. Did you mean to use v1/completions?",
    "Unsupported parameter: 'temperature' is not supported with this model.",
    "The model produced no responses.",
    "The requested model 'gpt-5.2-proo' does not exist.",
  ])("is about something else: %s", (message) => {
    expect(pointsToResponses({ message })).toBe(false);
  });
});

describe("an error of Responses", () => {
  it.each([
    { message: "model gpt-4o does not support Responses API.", code: "unsupported_api_for_model" },
    { message: "The requested model is not supported with the Responses API." },
    { message: "This model is only supported in v1/chat/completions and not in v1/responses." },
  ])("sends to Chat Completions: $message", (error) => {
    expect(pointsToChat(error)).toBe(true);
  });

  it.each([
    "Unsupported parameter: 'temperature' is not supported with this model.",
    "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
  ])("is about something else: %s", (message) => {
    expect(pointsToChat({ message })).toBe(false);
  });
});

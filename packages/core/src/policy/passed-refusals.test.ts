import { describe, expect, test } from "vitest";
import { resolveProfile } from "../vendors/profile.ts";
import type { RefusedRequest } from "./refusal-types.ts";
import { readLesson } from "./refusals.ts";

const model = "some-model";
const body = {
  model,
  stream: true,
  messages: [
    { role: "developer", content: "Be brief." },
    { role: "user", content: "Hello there." },
  ],
};

/** A client's own request, which was passed on; and the same one as a translated one. */
const requests: readonly RefusedRequest[] = [true as const, undefined].map((isPassed) => ({
  dialect: "chat",
  body,
  model,
  clientText: JSON.stringify(body),
  betas: [],
  tried: new Set(),
  profile: resolveProfile({ model }),
  ...(isPassed && { isPassed }),
}));

const lessons = (message: string): readonly (string | undefined)[] =>
  requests.map((request) => readLesson({ message }, request)?.id.split(":")[0]);

describe("a whole answer is asked for where streams are refused", () => {
  test.each([
    "Your organization must be verified to stream this model.",
    "Unsupported value: 'stream' does not support true with this model. Only the default (false) value is supported.",
    "Streaming is not supported for this model.",
    "Streaming is not supported with this model",
    "This model does not support streaming.",
    "This endpoint doesn't support streaming responses",
    "The stream mode is not enabled",
    "Streaming requests are unsupported",
    "Streaming is not supported when using tools",
    "This model does not support streaming with tools.",
    "This model does not support streaming, if tools are given",
    "该模型不支持流式输出",
  ])("%s", (message) => expect(lessons(message)).toEqual(["whole-only", "whole-only"]));
});

// The lesson would hold for every stream of the model.
describe("streams stay where something else is refused", () => {
  test.each([
    "This model does not support streaming with n > 1.",
    "Streaming is not supported when logprobs are requested.",
    "Streaming is not supported if response_format is set",
    "This model does not support stream options.",
    "The upstream is not available",
    "The upstream stream is not available, please try again",
    "The input stream is not allowed to be empty",
    "Video streaming is not supported",
    "The data-stream is not supported",
  ])("%s", (message) => expect(lessons(message)).toEqual([undefined, undefined]));
});

describe("developer turns become system turns where they are refused", () => {
  test.each([
    "developer is not one of ['system', 'assistant', 'user', 'tool']",
    "Developer messages are not supported by this model",
    "unsupported role: developer.",
    "developer_message is not supported",
  ])("%s", (message) => expect(lessons(message)).toEqual(["developer-role", "developer-role"]));
});

describe("developer turns stay where an error links to pages for developers", () => {
  test.each([
    "Invalid image. See https://developers.example.com/docs",
    "Invalid schema: https://developer.example.com/schema",
    "See https://developers.example.com/errors: the image is not supported",
  ])("%s", (message) => expect(lessons(message)[0]).toBeUndefined());
});

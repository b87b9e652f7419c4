import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryRequest, deepFreeze, hostileRequest } from "../../../test/contract/arbitrary-request.ts";
import { responsesBodyProblems } from "../../../test/contract/responses-body-check.ts";
import { CcpbError } from "../../base/errors.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { toChatRequest } from "../chat/request.ts";
import { messagesToResponses } from "./request.ts";

const targets = [
  { model: "some-model" },
  { model: "gpt-5.6", baseUrl: "https://api.openai.com/v1", provider: "p" },
  { model: "openai/gpt-5.6-sol", baseUrl: "https://openrouter.ai/api/v1", provider: "p" },
  { model: "deepseek-v4-flash", baseUrl: "https://api.deepseek.com/v1", provider: "p" },
  { model: "grok-4.3", baseUrl: "https://api.x.ai/v1", provider: "q" },
] as const;

type Target = (typeof targets)[number];

/** The translation, or undefined for a refusal that says the place. Anything else that is thrown fails the property. */
function translate(input: unknown, target: Target): ReturnType<typeof messagesToResponses> | undefined {
  try {
    return messagesToResponses(input as MessagesRequest, target);
  } catch (error) {
    if (!(error instanceof CcpbError)) throw error;
    expect(error).toMatchObject({ code: "invalid_request", status: 400, type: "invalid_request_error" });
    expect(error.message).toMatch(/^(?:the request|[a-z_]+(?:\.\w+)*): /);
    return undefined;
  }
}

describe("messagesToResponses", () => {
  it("makes a sound body of any conversation, the same one twice, and leaves the request alone", () => {
    let translated = 0;
    let replayed = 0;
    fc.assert(
      fc.property(arbitraryRequest, fc.constantFrom(...targets), (input, target) => {
        const before = JSON.stringify(input);
        deepFreeze(input);
        const once = translate(input, target);
        if (!once) return;
        translated += 1;
        if (once.body.input.some(({ type }) => type === "reasoning")) replayed += 1;
        expect(responsesBodyProblems(once.body)).toEqual([]);
        expect(JSON.stringify(translate(input, target)?.body)).toBe(JSON.stringify(once.body));
        expect(JSON.stringify(input)).toBe(before);
      }),
      { numRuns: 1000 },
    );
    expect(translated).toBeGreaterThan(800);
    expect(replayed).toBeGreaterThan(20);
  });

  it("leaves no trace in what is translated for another provider afterwards", () => {
    fc.assert(
      fc.property(arbitraryRequest, fc.constantFrom(...targets), (input, target) => {
        const alone = bytesOf(() => toChatRequest(structuredClone(input) as MessagesRequest, target).body);
        translate(input, target);
        expect(bytesOf(() => toChatRequest(input as MessagesRequest, target).body)).toBe(alone);
      }),
      { numRuns: 200 },
    );
  });

  it("answers any JSON at all with a body or a refusal that names the place", () => {
    fc.assert(
      fc.property(hostileRequest, fc.constantFrom(...targets), (input, target) => {
        const translation = translate(input, target);
        if (translation) expect(responsesBodyProblems(translation.body)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});

function bytesOf(make: () => unknown): string {
  try {
    return JSON.stringify(make());
  } catch (error) {
    return String(error);
  }
}

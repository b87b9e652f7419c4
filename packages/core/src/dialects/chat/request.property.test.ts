import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arbitraryRequest, deepFreeze, hostileRequest } from "../../../test/contract/arbitrary-request.ts";
import { bodyProblems } from "../../../test/contract/chat-body-check.ts";
import { CcpbError } from "../../base/errors.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { toChatRequest } from "./request.ts";

const targets = [
  { model: "some-model" },
  { model: "gpt-5.6", baseUrl: "https://api.openai.com/v1" },
  { model: "anthropic/claude-x", baseUrl: "https://openrouter.ai/api/v1" },
  { model: "mistral-large", baseUrl: "https://api.mistral.ai/v1" },
  { model: "gemini-3-pro", baseUrl: "https://generativelanguage.googleapis.com/v1beta/openai" },
  { model: "deepseek-v4", baseUrl: "https://api.deepseek.com/v1" },
] as const;

/** The translation, or undefined for a refusal that says the place. Anything else that is thrown fails the property. */
function translate(input: unknown, target: (typeof targets)[number]): ReturnType<typeof toChatRequest> | undefined {
  try {
    return toChatRequest(input as MessagesRequest, target);
  } catch (error) {
    if (!(error instanceof CcpbError)) throw error;
    expect(error).toMatchObject({ code: "invalid_request", status: 400, type: "invalid_request_error" });
    expect(error.message).toMatch(/^(?:the request|[a-z_]+(?:\.\w+)*): /);
    return undefined;
  }
}

describe("toChatRequest", () => {
  it("makes a sound body of any conversation, the same one twice, and leaves the request alone", () => {
    let translated = 0;
    fc.assert(
      fc.property(arbitraryRequest, fc.constantFrom(...targets), (input, target) => {
        const before = JSON.stringify(input);
        deepFreeze(input);
        const once = translate(input, target);
        if (!once) return;
        translated += 1;
        expect(bodyProblems(once.body)).toEqual([]);
        expect(JSON.stringify(translate(input, target)?.body)).toBe(JSON.stringify(once.body));
        expect(JSON.stringify(input)).toBe(before);
      }),
      { numRuns: 1000 },
    );
    expect(translated).toBeGreaterThan(800);
  });

  it("gives every kept result to its own call", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 }),
        fc.nat(),
        (ids, turns) => {
          const shuffled = ids.toSorted(
            (one, other) =>
              (((one.codePointAt(0) ?? 0) * (turns + 7)) % 11) - (((other.codePointAt(0) ?? 0) * (turns + 7)) % 11),
          );
          const { body } = toChatRequest(
            {
              model: "m",
              messages: [
                { role: "user", content: "q" },
                {
                  role: "assistant",
                  content: ids.map((one) => ({ type: "tool_use", id: one, name: "f", input: { one } })),
                },
                {
                  role: "user",
                  content: shuffled.map((one) => ({ type: "tool_result", tool_use_id: one, content: one })),
                },
              ],
            },
            { model: "x" },
          );
          expect(body.messages.slice(2)).toEqual(ids.map((one) => ({ role: "tool", tool_call_id: one, content: one })));
        },
      ),
    );
  });

  it("answers any JSON at all with a body or a refusal that names the place", () => {
    fc.assert(
      fc.property(hostileRequest, fc.constantFrom(...targets), (input, target) => {
        const translation = translate(input, target);
        if (translation) expect(bodyProblems(translation.body)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});

import { describe, expect, test } from "vitest";
import { errorFailure } from "../conversation/answer/answer-body.ts";
import { errorCodes } from "./error-code.ts";
import { readFailure } from "./failure.ts";

/** The meaning as a reply with a failing status, and inside a 200. */
function meanings(value: object): unknown {
  const inside = errorFailure(value as Readonly<Record<string, unknown>>);
  const failures = [
    readFailure({ status: 400, body: JSON.stringify(value) }),
    ...(inside.type === "error" ? [readFailure({ status: inside.status, error: inside.error })] : []),
  ];
  return failures.map(({ codeMeaning }) => codeMeaning);
}

const invalid = { type: "invalid_request_error", message: "no" };

describe.each(errorCodes)("the code %s", (code) => {
  test.each<[where: string, value: object]>([
    ["the Messages API", { type: "error", error: { ...invalid, details: { error_code: code } } }],
    ["the Messages API with a new type", { type: "error", error: { type: "new", details: { error_code: code } } }],
    ["a relay that keeps the error alone", { error: { ...invalid, details: { error_code: code } } }],
    ["a relay that adds the status", { error: { ...invalid, code: 400, details: { error_code: code } } }],
    ["a relay that wraps the error", { error: { error: { ...invalid, details: { error_code: code } } } }],
    ["the type of a Messages error", { type: "error", error: { type: code, message: "no" } }],
  ])("counts in %s", (_where, value) => {
    const [first, ...others] = meanings(value) as unknown[];
    expect(first).toBeDefined();
    expect(others).toEqual([first]);
  });

  test.each<[where: string, value: object]>([
    ["code", { error: { ...invalid, code } }],
    ["code beside a status", { error: { message: "no", code, status: 403 } }],
    ["type", { error: { type: code, message: "no" } }],
    ["type and code", { error: { type: code, code, message: "no", param: null } }],
    ["error_code", { error_code: code, error_msg: "no" }],
    ["a code beside a bare message", { code, message: "no" }],
    ["Google's status", { error: { code: 403, status: code, message: "no" } }],
    ["details without a type of Anthropic's", { error: { message: "no", details: { error_code: code } } }],
    ["an event of the Responses API", { type: "error", code, message: "no", param: null, sequence_number: 1 }],
    [
      "an error event with an error of OpenAI's",
      { type: "error", error: { type: code, code: null, message: "no", param: null }, sequence_number: 1 },
    ],
  ])("says no more than status and words as another vendor's %s", (_where, value) => {
    expect(new Set(meanings(value) as unknown[])).toEqual(new Set([undefined]));
  });
});

test("a code that is not known is the same as a reply and inside a 200", () => {
  const value = { type: "error", error: { ...invalid, details: { error_code: "brand_new" } } };
  const inside = errorFailure(value);
  if (inside.type !== "error") throw new Error("not an error");
  expect(readFailure({ status: 400, body: JSON.stringify(value) }).errorCode).toBe("brand_new");
  expect(readFailure({ status: undefined, error: inside.error }).errorCode).toBe("brand_new");
});

import { describe, expect, it } from "vitest";
import { readErrorText } from "../../src/failures/error-text.ts";
import { toMessagesError } from "../../src/failures/messages-error.ts";
import { hasShared, recordings, responseText } from "./recordings.ts";

const errors = recordings(({ dialect, status }) => dialect.startsWith("openai") && status >= 400);

const typeOfStatus: Readonly<Record<number, string>> = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  429: "rate_limit_error",
};

describe(`recorded errors`, () => {
  it.each(errors.map((recording) => [recording.id, recording] as const))("%s", (_id, recording) => {
    const body = responseText(recording);
    const mapped = toMessagesError({ status: recording.status, body });
    const { type, message } = mapped.error;

    expect(message).not.toBe("");
    expect(message).not.toMatch(/\[object|^[{[<"]|<html|<!doctype/i);
    expect(message.length).toBeLessThan(2_500);
    expect(message).not.toMatch(/sk-\w|Bearer (?!\[redacted\])/);

    if (/incorrect api key/i.test(body))
      expect(mapped).toMatchObject({ status: 401, error: { type: "authentication_error" } });
    else if (/model_not_found/.test(body))
      expect(mapped).toMatchObject({ status: 404, error: { type: "not_found_error" } });
    else expect([mapped.status, type]).toEqual([recording.status, typeOfStatus[recording.status]]);
    if (/context length|context window|too_many_prompt_tokens/.test(body))
      expect(message).toMatch(/^prompt is too long: /);
    expect(message).toContain(readErrorText(body).message);
  });

  it("takes the numbers of an overflow from the vendor's sentence", () => {
    const messages = errors.map(
      (recording) => toMessagesError({ status: recording.status, body: responseText(recording) }).error.message,
    );
    expect(
      messages.filter((message) => /^prompt is too long[^0-9]*(\d+) tokens > (\d+)/.test(message)).length,
    ).toBeGreaterThanOrEqual(hasShared ? 3 : 1);
  });
});

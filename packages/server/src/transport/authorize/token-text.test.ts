import { describe, expect, it } from "vitest";
import { readToken } from "./token-text.ts";

describe("what a command printed", () => {
  const at = Date.parse("2026-11-29T12:00:00Z");
  it.each([
    ["ya29.a0AfH6S\n", "ya29.a0AfH6S", undefined],
    ["  token  \r\n", "token", undefined],
    ['{"token":"t","expires_at":"2026-11-29T12:00:00Z"}', "t", at],
    ['{"token":"t","expires_at":"2026-11-29T13:00:00+01:00"}', "t", at],
    [`{"token":"t","expires_at":${at / 1_000}}`, "t", at],
    ['{"token":"t"}', "t", undefined],
    // az account get-access-token: `expiresOn` has no zone, `expires_on` is in seconds.
    [`{"accessToken":"t","expiresOn":"2026-11-29 13:00:00.000000","expires_on":${at / 1_000}}`, "t", at],
    // gcloud auth print-identity-token --format=json and OAuth endpoints.
    ['{"access_token":"t","token_type":"Bearer"}', "t", undefined],
    // Kubernetes' ExecCredential.
    ['{"kind":"ExecCredential","status":{"token":"t","expirationTimestamp":"2026-11-29T12:00:00Z"}}', "t", at],
  ])("%j", (text, token, expiresAtMs) => {
    expect(readToken(text, "auth_command x")).toEqual({ token, identity: token, expiresAtMs });
  });

  it.each([
    ["", /gave no token: it is empty$/],
    [" \n", /gave no token: it is empty$/],
    ["sk-secret-one\nsk-secret-two\n", /gave several lines; it must give the token alone$/],
    ["ERROR: (gcloud) sk-secret you are not logged in", /a space, a control character or a character beyond ASCII$/],
    ["sk-secret-é", /beyond ASCII$/],
    ['{"token":"sk-secret"', /begins with \{ and is no JSON$/],
    ['{"error":"sk-secret"}', /gave JSON without a token; write \{"token": …\}$/],
    [
      '{"token":"sk-secret","expires_at":"tomorrow"}',
      /expires_at that is neither seconds since 1970 nor a date with its zone/,
    ],
    ['{"token":"sk-secret","expires_at":"2026-11-29T12:00:00"}', /a date with its zone/],
  ])("is refused, and never quoted: %j", (text, message) => {
    const read = (): unknown => readToken(text, "auth_command x");
    expect(read).toThrow(message);
    expect(read).toThrow(/^auth_command x gave /);
    expect(read).not.toThrow(/sk-secret/);
  });
});

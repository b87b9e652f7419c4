import { describe, expect, it } from "vitest";
import { webhookSchema } from "./webhooks-schema.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

function faultOf(hook: object): string {
  const read = webhookSchema.safeParse(hook);
  return read.success ? "" : read.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ");
}

describe("a webhook of the configuration", () => {
  it.each([
    "https://example.com/hooks/ccpb?team=1",
    "http://127.0.0.1:8099/hook",
    "http://10.0.0.7/hook",
    "https://hooks.slack.com/services/T0/B0/xyz",
  ])("may be at %s", (url) => {
    expect(faultOf({ url, secret })).toBe("");
    expect(faultOf({ url, format: "slack" })).toBe("");
  });

  it.each([
    ["http://169.254.169.254/latest/meta-data", /link-local or cloud metadata/],
    ["http://2852039166/", /link-local or cloud metadata/],
    ["http://0xa9fea9fe/", /link-local or cloud metadata/],
    ["http://[::ffff:169.254.169.254]/", /link-local or cloud metadata/],
    ["http://[fe80::1]/", /link-local or cloud metadata/],
    ["https://user:password@example.com/", /user name or password/],
    ["https://example.com/#part", /fragment/],
    ["ftp://example.com/", /must begin with https/],
    ["file:///etc/passwd", /must begin with https/],
    ["example.com/hook", /must begin with https/],
    ["", /is empty/],
  ])("may not be at %s, which is not quoted", (url, fault) => {
    const message = faultOf({ url, secret });
    expect(message).toMatch(fault);
    expect(message).not.toContain("password@");
  });

  it.each([
    ["short", "whsec_c2hvcnQ="],
    ["no base64", "not base64 at all, but long enough"],
    ["too long", "A".repeat(92)],
    ["without padding", "A".repeat(33)],
  ])("has no secret that is %s", (_name, text) => {
    const message = faultOf({ url: "https://example.com/", secret: text });
    expect(message).toContain("openssl rand -base64 32");
    expect(message).not.toContain(text);
  });

  it("needs a secret to sign with, but for the plain formats", () => {
    expect(faultOf({ url: "https://example.com/" })).toMatch(/^secret is missing/);
    for (const format of ["slack", "discord", "ntfy"])
      expect(faultOf({ url: "https://example.com/", format })).toBe("");
    expect(faultOf({ url: "https://example.com/", format: "discord", events: ["provider.gone"] })).not.toBe("");
  });
});

import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, test } from "vitest";
import { webhookEvents } from "../../../core/src/config/webhooks-schema.ts";
import { createRedactor } from "../log/redact.ts";
import { alertText, type Alert } from "./alert.ts";
import { webhookMessage, type MessageFacts } from "./webhook-message.ts";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const nowMs = Date.now();
const facts: MessageFacts = { id: "msg_1", happenedAtMs: nowMs, sentAtMs: nowMs, redact: (text) => text };
const hook = { url: "https://example.com/", secret, events: webhookEvents, format: "standard" } as const;

const alerts: { readonly [Type in Alert["type"]]: Alert & { readonly type: Type } } = {
  "provider.down": {
    type: "provider.down",
    provider: "kimi",
    reason: "overloaded: HTTP 529",
    words: "Overloaded, try later",
    cooldownMs: 59_001,
  },
  "provider.up": { type: "provider.up", provider: "kimi" },
  "providers.all_down": { type: "providers.all_down", providers: ["kimi", "zai"], retryInMs: 1_000 },
  "providers.recovered": { type: "providers.recovered", provider: "zai" },
  "credential.refused": { type: "credential.refused", provider: "kimi", key: 2, reason: "auth: HTTP 401" },
  "credential.expiring": { type: "credential.expiring", provider: "vertex", reason: "gcloud ended with 1" },
  "budget.reached": {
    type: "budget.reached",
    client: "alice",
    percent: 80,
    budget: "20 USD a day",
    resetsAt: "2026-11-30T00:00:00Z",
  },
  "config.rejected": { type: "config.rejected", problems: ["providers.yaml:3:1: no such key"] },
  "certificate.expiring": { type: "certificate.expiring", path: "/etc/cert.pem", endsAt: "2026-12-01T00:00:00Z" },
  "certificate.rejected": { type: "certificate.rejected", path: "/etc/cert.pem", reason: "no certificate in PEM" },
  "log.lines_lost": { type: "log.lines_lost", count: 1 },
};

function textOf({ body }: { readonly body: Uint8Array }): string {
  return new TextDecoder().decode(body);
}

describe("a message in the form of Standard Webhooks", () => {
  it("has an alert for each event that the configuration knows", () => {
    expect(Object.keys(alerts).sort()).toEqual([...webhookEvents].sort());
  });

  test.each(Object.values(alerts))("of $type is verified by the library of that standard", (alert) => {
    const { headers, body } = webhookMessage(hook, alert, facts);
    const verified = new Webhook(secret).verify(textOf({ body }), { ...headers });
    expect(verified).toMatchObject({
      type: alert.type,
      timestamp: new Date(nowMs).toISOString(),
      data: { message: alertText(alert) },
    });
  });

  it("is verified whatever an alert says, and refused once a byte has changed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.string(),
        fc.base64String({ minLength: 32, maxLength: 80 }),
        (provider, reason, key) => {
          if (key.length % 4 !== 0) return;
          const alert: Alert = { type: "credential.refused", provider, key: 1, reason };
          const { headers, body } = webhookMessage({ ...hook, secret: key }, alert, facts);
          const library = new Webhook(key);
          expect(() => library.verify(textOf({ body }), { ...headers })).not.toThrow();
          expect(() => library.verify(`${textOf({ body })} `, { ...headers })).toThrow();
        },
      ),
    );
  });

  it("writes names in snake case, and times in seconds", () => {
    const { data } = JSON.parse(textOf(webhookMessage(hook, alerts["provider.down"], facts))) as { data: unknown };
    expect(data).toEqual({
      message: "Provider kimi is out for 60 s: overloaded: HTTP 529 (“Overloaded, try later”).",
      provider: "kimi",
      reason: "overloaded: HTTP 529",
      words: "Overloaded, try later",
      cooldown_seconds: 60,
    });
  });
});

describe("a message of any format", () => {
  const formats = ["standard", "slack", "discord", "ntfy"] as const;

  it.each(formats)("as %s holds no secret", (format) => {
    const key = "a-secret-of-the-configuration";
    const redact = createRedactor([key]);
    const reason = `the key ${key} and Bearer sk-ant-api03-0123456789abcdef were refused`;
    const alert: Alert = { type: "credential.refused", provider: `named ${key}`, key: 1, reason, words: key };
    const text = textOf(webhookMessage({ ...hook, format }, alert, { ...facts, redact }));
    expect(text).toContain("[redacted]");
    expect(text).not.toContain(key);
    expect(text).not.toContain("0123456789abcdef");
  });

  it.each([
    ["slack", { text: "ccpb: Provider &lt;!channel&gt; &amp; serves again." }],
    ["discord", { content: "ccpb: Provider <!channel> & serves again.", allowed_mentions: { parse: [] } }],
  ] as const)("as %s mentions nobody", (format, expected) => {
    const alert: Alert = { type: "provider.up", provider: "<!channel> &" };
    expect(JSON.parse(textOf(webhookMessage({ ...hook, format }, alert, facts)))).toEqual(expected);
  });

  it("as ntfy is the sentence, with the event as title, on one line", () => {
    const { headers, body } = webhookMessage(
      { ...hook, format: "ntfy" },
      { type: "provider.up", provider: "a\nb" },
      facts,
    );
    expect(headers["title"]).toBe("ccpb provider.up");
    expect(textOf({ body })).not.toContain("\n");
  });

  it.each(formats)("as %s is short", (format) => {
    const problems = Array.from({ length: 10 }, () => "x".repeat(1_000));
    const alert: Alert = { type: "config.rejected", problems };
    if (format !== "standard")
      expect(textOf(webhookMessage({ ...hook, format }, alert, facts)).length).toBeLessThan(2_000);
  });
});

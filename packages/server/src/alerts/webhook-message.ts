import { createHmac } from "node:crypto";
import type { WebhookSettings } from "@ccpb/core/config";
import { redactLines } from "../log/redact.ts";
import { visible } from "../base/visible-text.ts";
import { alertData, alertText, type Alert } from "./alert.ts";

/** One message to a webhook, ready to be sent; each try of it has the same id, and a signature of its own time. */
export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Holds the parts of a message beside the alert. */
export interface MessageFacts {
  /** Unique, the same for each try. */
  readonly id: string;
  /** Times of the event and of the sending, in milliseconds since the epoch. */
  readonly happenedAtMs: number;
  readonly sentAtMs: number;
  /** Takes the configuration's secrets out of a text. */
  readonly redact: (text: string) => string;
}

/** Discord takes 2,000 characters, Slack and ntfy more. */
const maxText = 1_900;

/** Makes a message in the form that the webhook asks for: signed JSON by the rules of Standard Webhooks, or the sentence alone. */
export function webhookMessage(hook: WebhookSettings, alert: Alert, facts: MessageFacts): WebhookMessage {
  const sentence = visible(facts.redact(alertText(alert))).slice(0, maxText);
  switch (hook.format) {
    case "standard":
      return standardMessage(hook.secret ?? "", alert, facts);
    case "slack":
      // In Slack's text these three characters begin mentions, links and entities.
      return json({
        text: `ccpb: ${sentence.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")}`,
      });
    case "discord":
      return json({ content: `ccpb: ${sentence}`, allowed_mentions: { parse: [] } });
    case "ntfy":
      return {
        headers: { "content-type": "text/plain; charset=utf-8", title: `ccpb ${alert.type}` },
        body: bytes(sentence),
      };
  }
}

/**
 * Standard Webhooks: `webhook-signature` is `v1,` and the HMAC-SHA256 of id, time and body, joined with dots.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
function standardMessage(
  secret: string,
  alert: Alert,
  { id, happenedAtMs, sentAtMs, redact }: MessageFacts,
): WebhookMessage {
  const timestamp = new Date(happenedAtMs).toISOString();
  const whole = `${JSON.stringify({ type: alert.type, timestamp, data: alertData(alert) })}\n`;
  const body = redactLines(whole, redact).trimEnd();
  const sentAt = String(Math.floor(sentAtMs / 1_000));
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = createHmac("sha256", key).update(`${id}.${sentAt}.${body}`).digest("base64");
  return {
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": sentAt,
      "webhook-signature": `v1,${signature}`,
    },
    body: bytes(body),
  };
}

function json(value: unknown): WebhookMessage {
  return { headers: { "content-type": "application/json" }, body: bytes(JSON.stringify(value)) };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

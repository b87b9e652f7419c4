import * as z from "zod";

import type { WebhookDocument, WebhookEvent } from "./document-types.ts";
import { oneOf, text } from "./schema-fields.ts";
import type { WebhookSettings } from "./server-document.ts";
import { webhookSecretFault } from "./text-rules.ts";
import { webhookUrlFault } from "./webhook-fault.ts";

/** Every event that a webhook can be told of, in the order of the reference. */
export const webhookEvents: readonly WebhookEvent[] = [
  "provider.down",
  "provider.up",
  "providers.all_down",
  "providers.recovered",
  "credential.refused",
  "credential.expiring",
  "budget.reached",
  "config.rejected",
  "certificate.expiring",
  "certificate.rejected",
  "log.lines_lost",
];

/** One entry of `webhooks`. */
export const webhookSchema: z.ZodType<WebhookDocument> = z
  .strictObject({
    url: text(
      "Where events are sent with `POST`. http or https, without user, password and fragment; link-local and cloud metadata addresses are refused. Redirects are not followed.",
      webhookUrlFault,
      { examples: ["${CCPB_WEBHOOK_URL}"] },
    ),
    secret: text(
      "Signs each message in the form of Standard Webhooks: base64 of 24 to 64 bytes, with or without `whsec_` in front. Required for `format: standard`.",
      webhookSecretFault,
      { examples: ["${CCPB_WEBHOOK_SECRET}"] },
    ).optional(),
    events: z
      .array(z.enum(webhookEvents))
      .min(1)
      .meta({
        description: "Which events are sent. Default: all.",
        examples: [["providers.all_down", "config.rejected"]],
      })
      .optional(),
    format: oneOf(
      ["standard", "slack", "discord", "ntfy"],
      "`standard` is JSON with a signature (Standard Webhooks); the others are the sentence alone, as Slack, Discord and ntfy take it.",
      { default: "standard" },
    ).optional(),
  })
  .refine(({ format = "standard", secret }) => format !== "standard" || secret !== undefined, {
    path: ["secret"],
    message: "is missing; write a secret to sign with, or format: slack, discord or ntfy",
  })
  .meta({ description: "An address that is told when something happens that people should know of." });

/** Reads an entry. */
export function readWebhook({ url, secret, events, format = "standard" }: WebhookDocument): WebhookSettings {
  return { url, events: events ?? webhookEvents, format, ...(secret !== undefined && { secret }) };
}

/** Writes an entry as the file would have it; who prints it masks the address and the secret. */
export function writeWebhook({ url, secret, events, format }: WebhookSettings): WebhookDocument {
  return { url, ...(secret !== undefined && { secret }), events, format };
}

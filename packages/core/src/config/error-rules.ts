import * as z from "zod";
import type { ErrorRule } from "../base/config-types.ts";
import { readBodyPattern } from "./body-patterns.ts";
import type { ErrorRuleDocument, SettingsDocument } from "./document-types.ts";
import { oneOf, seconds, text } from "./schema-fields.ts";
import { lineFault, matchFault, statusClassFault } from "./text-rules.ts";

const ruleSchema: z.ZodType<ErrorRuleDocument> = z
  .strictObject({
    status: z
      .union([z.int().min(100).max(599), text("", statusClassFault)])
      .meta({ description: 'A status such as 529, or a class such as "5xx". Absent: any.', examples: [529] })
      .optional(),
    match: text(
      "Part of the error's text in any case, or a regular expression between slashes, which must not repeat without a bound twice. Reads parsed errors, never answers.",
      matchFault,
      { examples: ["overloaded"] },
    ).optional(),
    action: oneOf(["stop", "failover"], "`stop` gives the error to the client, `failover` tries the next provider."),
    cooldown: seconds("Seconds that the provider then stays out. Default: `failure_cooldown`.", "zero").optional(),
  })
  .meta({ description: "A row in front of the table of failures; needs `status`, `match` or both." });

/** `error_rules`. */
export const errorRulesSchema: z.ZodType<readonly ErrorRuleDocument[]> = z
  .array(ruleSchema)
  .meta({ description: "What some failures mean, in front of the built-in table; the first match wins." });

/** `unhealthy_http_codes`. */
export const httpCodesSchema: z.ZodType<readonly number[]> = z
  .array(
    z
      .int()
      .min(100)
      .max(599)
      .meta({ examples: [529] }),
  )
  .meta({ description: "Statuses that mean failover, as rules without `match`." });

/** `unhealthy_response_body_patterns`. */
export const bodyPatternsSchema: z.ZodType<readonly string[]> = z
  .array(text("", lineFault))
  .meta({ description: "Regular expressions over an error's text that mean failover, as rules without `status`." });

/** Reads the rules that the three keys make together, those of `error_rules` first. */
export function readErrorRules(settings: SettingsDocument): readonly ErrorRule[] {
  return [
    ...(settings.error_rules ?? []).map(readRule),
    ...(settings.unhealthy_http_codes ?? []).map((status): ErrorRule => ({ status, action: "failover" })),
    ...(settings.unhealthy_response_body_patterns ?? []).flatMap(patternRule),
  ];
}

/** Returns the rules as `error_rules` would have them. */
export function writeErrorRules(rules: readonly ErrorRule[]): readonly ErrorRuleDocument[] {
  return rules.map(({ cooldownMs, ...rule }) => ({
    ...rule,
    ...(cooldownMs !== undefined && { cooldown: cooldownMs / 1_000 }),
  }));
}

function readRule({ status, match, action, cooldown }: ErrorRuleDocument): ErrorRule {
  return {
    ...(status !== undefined && { status: typeof status === "string" ? status.toLowerCase() : status }),
    ...(match !== undefined && { match }),
    action,
    ...(cooldown !== undefined && { cooldownMs: Math.round(cooldown * 1_000) }),
  };
}

function patternRule(pattern: string): readonly ErrorRule[] {
  const read = readBodyPattern(pattern);
  return read.type === "rule" ? [{ match: read.match, action: "failover" }] : [];
}

import * as z from "zod";

/** Notes of the reference and the JSON schema about a key, besides its type. */
export interface FieldNotes {
  /** Value that applies without the key, as a user would write it. */
  readonly default?: unknown;
  /** The first one is what messages suggest. */
  readonly examples?: readonly unknown[];
}

type TextRule = (text: string) => string | undefined;

/** Makes the schema of a text that `rule` finds no fault with. */
export function text(description: string, rule: TextRule, notes: FieldNotes = {}): z.ZodString {
  return z
    .string()
    .check(obey(rule))
    .meta({ description, ...notes });
}

/** Makes the schema of a time in seconds; `from` says whether 0 is one. */
export function seconds(description: string, from: "zero" | "above-zero", notes: FieldNotes = {}): z.ZodNumber {
  // Above 20 days a timer of 31 bits of milliseconds would fire at once.
  const number = z.number().max(1_728_000);
  return (from === "zero" ? number.min(0) : number.gt(0)).meta({ description, examples: [30], ...notes });
}

/** Makes the schema of a whole number within bounds. */
export function whole(
  description: string,
  [least, most]: readonly [number, number],
  notes: FieldNotes = {},
): z.ZodNumber {
  return z
    .int()
    .min(least)
    .max(most)
    .meta({ description, ...notes });
}

/** Makes the schema of one of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  description: string,
  notes: FieldNotes = {},
): z.ZodEnum<z.core.util.ToEnum<Words[number]>> {
  return z.enum(words).meta({ description, ...notes });
}

/** true or false. */
export function flag(description: string, notes: FieldNotes = {}): z.ZodBoolean {
  return z.boolean().meta({ description, ...notes });
}

/** Makes the schema of a map whose keys and values obey rules. */
export function map<Value extends z.ZodType>(
  description: string,
  rule: TextRule,
  value: Value,
): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string().check(obey(rule)), value).meta({ description });
}

function obey(rule: TextRule): z.core.CheckFn<string> {
  return (payload) => {
    const fault = rule(payload.value);
    if (fault !== undefined) payload.issues.push({ code: "custom", message: fault, input: payload.value });
  };
}

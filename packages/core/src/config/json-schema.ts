import * as z from "zod";
import { ignoredKeys } from "./original-keys.ts";
import { documentSchema } from "./schema.ts";

type JsonSchema = z.core.JSONSchema.BaseSchema;

const expression = { type: "string", pattern: String.raw`\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}` } as const;

/**
 * Builds the JSON schema (draft 7) of the file format, for editors. Every value may also be written as `${NAME}`.
 * Rules between keys are not part of the schema; `parseConfig` checks them.
 *
 * @returns a new object, to be written as JSON.
 * @example
 * ```ts
 * console.log(configJsonSchema()["type"]); // object
 * ```
 */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(documentSchema, {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.description === "") delete jsonSchema.description;
      if (isScalar(jsonSchema)) allowExpression(jsonSchema);
    },
  });
  const properties = schema.properties ?? {};
  schema.patternProperties = { "^x-": { description: "Free: a place for YAML anchors." } };
  const settings = asSchema(properties["settings"]);
  const provider = asSchema(asSchema(properties["providers"]).items);
  const timeouts = asSchema(settings.properties?.["timeouts"]);
  const logLevel = asSchema(settings.properties?.["log_level"]);
  logLevel.anyOf = [
    ...(logLevel.anyOf ?? []),
    { enum: ["debug", "info", "warning", "warn", "WARN", "error", "critical"] },
  ];
  addIgnored(settings, ignoredKeys.settings);
  addIgnored(timeouts, ignoredKeys.timeouts);
  addIgnored(provider, ignoredKeys.provider);
  settings.patternProperties = { "^(app|reload)_|^reload$": deprecated("not used here") };
  return schema;
}

function isScalar(schema: JsonSchema): boolean {
  return (
    schema.type === "number" || schema.type === "integer" || schema.type === "boolean" || schema.enum !== undefined
  );
}

function allowExpression(schema: JsonSchema): void {
  const notes = new Set(["description", "default", "examples"]);
  const type = Object.entries(schema).filter(([key]) => !notes.has(key));
  for (const [key] of type) delete schema[key];
  schema.anyOf = [Object.fromEntries(type), { ...expression }];
}

function addIgnored(section: JsonSchema, keys: Readonly<Record<string, string>>): void {
  for (const [key, remedy] of Object.entries(keys)) (section.properties ??= {})[key] = deprecated(remedy);
}

function deprecated(remedy: string): JsonSchema {
  return { description: `Ignored: ${remedy}.`, deprecated: true, deprecationMessage: `Ignored: ${remedy}.` };
}

function asSchema(schema: unknown): JsonSchema {
  // Zod makes objects of the sections above, never `true` or `false`.
  return schema as JsonSchema;
}

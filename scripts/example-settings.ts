import { allSettings } from "../packages/core/src/config/settings-schema.ts";
import type { Setting } from "../packages/core/src/config/setting.ts";
import { configJsonSchema } from "../packages/core/src/config/json-schema.ts";

interface Property {
  readonly anyOf?: readonly { readonly enum?: readonly string[] }[];
  readonly default?: unknown;
  readonly description?: string;
}

interface Section {
  readonly properties?: Readonly<Record<string, Property>>;
}

/** Between these lines of providers.example.yaml stands what `exampleSettings` makes. */
export const bounds = ["  # What follows is optional; ", "\n# Where a route covers"] as const;

/** The keys that the example sets; the others are shown as comments. */
const active: ReadonlySet<string> = new Set(["failure_cooldown", "log_level", "host", "port"]);

/** Keys of `settings` that are no rows, because they are read into each provider. */
const others = [
  "  # forward_headers: [x-tenant] # further headers of the client's that anthropic providers are sent; default: none",
];

/** Returns the settings that providers.example.yaml shows as comments, a row each, made from the rows of the settings. */
export function exampleSettings(): string {
  // A JSON schema that zod made; its shape is what the interface says.
  const schema = configJsonSchema() as { readonly properties?: Readonly<Record<string, Section>> };
  const properties = schema.properties?.["settings"]?.properties ?? {};
  const rows = allSettings.filter(({ key }) => !active.has(key));
  const lines = rows.flatMap((row) => linesOf(row, properties[row.key] ?? {}));
  return [...lines, ...others].join("\n");
}

function linesOf(row: Setting<unknown>, property: Property): readonly string[] {
  const { yaml = yamlOf(property.default ?? row.write(row.default)), comment = commentOf(property) } = row.sample ?? {};
  const end = comment === "" ? "" : ` # ${comment}`;
  const isBlock = yaml.includes("\n") || yaml.startsWith("- ");
  if (!isBlock) return [`  # ${row.key}: ${yaml}${end}`];
  return [`  # ${row.key}:${end}`, ...yaml.split("\n").map((line) => `  #   ${line}`)];
}

/** YAML of a default: a scalar that needs no quotes, or a section of such. */
function yamlOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return Object.entries(value)
    .map(([key, each]) => `${key}: ${String(each)}`)
    .join("\n");
}

/** The words of an enumeration; of any other setting the first sentence of its description. */
function commentOf({ anyOf = [], description = "" }: Property): string {
  const words = anyOf.flatMap((each) => each.enum ?? []);
  return words.length > 0 ? words.join(" | ") : (description.split(". ")[0]?.replace(/\.$/, "") ?? "");
}

/** Returns the text of providers.example.yaml with these settings in the place of its own. */
export function withExampleSettings(example: string): string {
  const begin = example.indexOf("\n", example.indexOf(bounds[0])) + 1;
  return `${example.slice(0, begin)}${exampleSettings()}\n${example.slice(example.indexOf(bounds[1]))}`;
}

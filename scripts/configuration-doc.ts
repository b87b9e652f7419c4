import { configJsonSchema } from "../packages/core/src/config/index.ts";

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly deprecated?: boolean;
  readonly pattern?: string;
}

/** The text of docs/providers.schema.json. */
export function schemaText(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

/** The text of docs/configuration.md, made from the schema of the file format. */
export function configurationDoc(): string {
  // A JSON schema that zod made; its shape is what the interface says.
  const schema = configJsonSchema() as Schema;
  const settings = at(schema, "settings");
  const provider = at(schema, "providers").items ?? {};
  const route = valueOf(at(schema, "model_routes")).items ?? {};
  const sections = [
    introduction,
    "## `providers`\n\nA list. Its order is the order of preference.",
    table(provider),
    section("### `timeouts` of a provider", at(provider, "timeouts")),
    section("### `profile` of a provider", at(provider, "profile")),
    "## `settings`",
    table(settings),
    section("### `settings.timeouts`", at(settings, "timeouts")),
    section("### `settings.error_rules`", at(settings, "error_rules").items ?? {}),
    section("### `settings.auth`", at(settings, "auth")),
    section("### `settings.tls`", at(settings, "tls")),
    `## \`model_routes\`\n\n${at(schema, "model_routes").description ?? ""} The keys are names or globs, the values lists of candidates:`,
    table(route),
    environment,
    originalKeys(settings, provider),
    library,
  ];
  return `${sections.join("\n\n")}\n`;
}

function at(schema: Schema, key: string): Schema {
  const found = schema.properties?.[key];
  if (found === undefined) throw new TypeError(`the schema has no ${key}`);
  return found;
}

function valueOf(schema: Schema): Schema {
  return typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
}

function section(title: string, schema: Schema): string {
  return `${title}\n\n${schema.description ?? ""}\n\n${table(schema)}`;
}

function table(schema: Schema): string {
  const rows = Object.entries(schema.properties ?? {})
    .filter(([, row]) => row.deprecated !== true)
    .map(([key, row]) => `| \`${key}\` | ${typeOf(row)} | ${defaultOf(row)} | ${cell(row.description ?? "")} |`);
  return ["| key | value | default | |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function typeOf(schema: Schema): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${String(word)}\``).join(" ");
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.anyOf !== undefined) {
    const members = schema.anyOf.filter((member) => member.pattern === undefined && !isLowerCaseWords(member));
    return [...new Set(members.map(typeOf))].join(" or ");
  }
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.type === "object") return schema.properties === undefined ? "map" : "section";
  return (
    { string: "text", integer: "whole number", boolean: "true, false", null: "null" }[schema.type ?? ""] ??
    schema.type ??
    "any"
  );
}

// Accepted beside the words in capitals, and not worth a second list.
function isLowerCaseWords(schema: Schema): boolean {
  return schema.enum?.includes("debug") ?? false;
}

function defaultOf(schema: Schema): string {
  if (schema.default !== undefined) return `\`${cell(JSON.stringify(schema.default).replace(/^"(.*)"$/, "$1"))}\``;
  const example = schema.examples?.[0];
  return example === undefined
    ? ""
    : `e.g. \`${cell(typeof example === "string" ? example : JSON.stringify(example))}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function originalKeys(settings: Schema, provider: Schema): string {
  const rows = [
    ...deprecated(settings, "settings."),
    [
      "`settings.reload*`, `settings.app_*`",
      "The file is watched and reloaded by itself; name and version are ccpb's own.",
    ],
    ...deprecated(at(settings, "timeouts"), "settings.timeouts."),
    ...deprecated(provider, "providers[]."),
  ];
  const head =
    "## Keys of the original's later versions\n\nThey load, each with one warning, so that an old `config.yaml` needs no editing:";
  return [head, "", "| key | instead |", "| --- | --- |", ...rows.map((row) => `| ${row.join(" | ")} |`)].join("\n");
}

function deprecated(schema: Schema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {})
    .filter(([, row]) => row.deprecated === true)
    .map(([key, row]) => [`\`${prefix}${key}\``, cell((row.description ?? "").replace(/^Ignored: /, ""))]);
}

const introduction = `<!-- Made by scripts/write-configuration-doc.mjs from the schema of the file format; edit that. -->
# Configuration

One YAML file, by custom \`providers.yaml\`; [providers.example.yaml](../providers.example.yaml) shows most of it. \`ccpb init\` writes one, \`ccpb check\` checks one. Editors that understand JSON schemas take [providers.schema.json](providers.schema.json); the first line of the example tells them.

## Where it is looked for

1. \`--config FILE\`; a file that is not there is an error, never a fallback
2. \`CCPB_CONFIG\`, or the original's \`PROVIDERS_CONFIG_PATH\`
3. \`providers.yaml\`, then \`ccpb.yaml\`, in the working folder
4. the same in each folder above, up to the project's root: the folder with \`.git\`, or else the outermost one with a \`package.json\`; outside of a project nothing above the working folder is read
5. \`$XDG_CONFIG_HOME/ccpb/providers.yaml\` (\`~/.config/ccpb/providers.yaml\`)
6. the environment alone, see [below](#the-environment)

Relative paths in the file are relative to the file's folder; \`~/\` is the home folder.

## How it is read

- YAML 1.2, core schema, UTF-8: \`yes\`, \`no\`, \`on\`, \`off\` are texts. A text that begins with \`*\`, such as a model pattern, must be in quotes. Anchors, aliases (at most 100 copies) and \`<<\` work; top-level keys that begin with \`x-\` are free, as a place for anchors.
- \`\${NAME}\` is the value of an environment variable, \`\${NAME:-default}\` has a default (also for an empty variable), \`$\${\` stands for a plain \`\${\`. They are replaced after the YAML is parsed, so that a secret cannot change the structure. An unset variable is an error only for an enabled provider.
- Everything wrong is reported at once, with file, line, column, the line and what to write instead; nothing starts (exit code 2), and a reload changes nothing. Values that are or may be secrets are shown as \`•••\`.
- Unknown keys are errors. A file that every user of the machine can read is a warning.
- Times are in seconds.`;

const environment = `## The environment

These win over the file, and the command line wins over them:

| variable | key |
| --- | --- |
| \`LOG_LEVEL\` | \`settings.log_level\` |
| \`LOG_FILE_PATH\` | \`settings.log_file\`, relative to the working folder |
| \`CCPB_HOST\` | \`settings.host\`; \`--host\` wins |
| \`CCPB_PORT\`, else \`PORT\` | \`settings.port\`; \`--port\` wins |

Without any file these make providers, in this order:

| variable | provider |
| --- | --- |
| \`ANTHROPIC_API_KEY\`, else \`ANTHROPIC_AUTH_TOKEN\` | Anthropic, models passed through |
| \`OPENROUTER_API_KEY\` | OpenRouter; needs \`CCPB_BIG_MODEL\` and \`CCPB_SMALL_MODEL\` |
| \`OPENAI_API_KEY\` | OpenAI; needs \`CCPB_BIG_MODEL\` and \`CCPB_SMALL_MODEL\` |

\`ANTHROPIC_BASE_URL\` is not read: it points at ccpb itself.`;

const library = `## From a program

\`\`\`ts
import { Balancer } from "@ccpb/core";
import { parseConfig } from "@ccpb/core/config";

const result = parseConfig(document, { env: process.env }); // document: the content of the file as an object
if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join("\\n"));
const balancer = new Balancer(result.config);
\`\`\`

\`parseConfig\` reads no files and knows no YAML. A \`BalancerConfig\` can as well be written by hand: it is plain data in camelCase and milliseconds.`;

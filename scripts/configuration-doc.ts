import { configJsonSchema } from "../packages/core/src/config/index.ts";
import { chinese, english, type ConfigurationTexts } from "./configuration-texts.ts";
import { chineseOf } from "./configuration-zh.ts";

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

/** A language of the page: its texts, and what becomes of a description of the schema. */
interface Language {
  readonly texts: ConfigurationTexts;
  readonly describe: (english: string) => string;
}

/** Returns the text of docs/configuration.md, made from the schema of the file format. */
export function configurationDoc(): string {
  return pageIn({ texts: english, describe: (description) => description });
}

/** Returns the text of docs/configuration.zh-CN.md. Descriptions without a Chinese text stand in English. */
export function chineseConfigurationDoc(): string {
  return pageIn({ texts: chinese, describe: (description) => chineseOf.get(description) ?? description });
}

/** Returns the descriptions on the page, and those of them that have no Chinese text yet. */
export function untranslated(): { readonly all: readonly string[]; readonly missing: readonly string[] } {
  const all = new Set<string>();
  pageIn({ texts: english, describe: (description) => (all.add(description), description) });
  all.delete("");
  return { all: [...all], missing: [...all].filter((description) => !chineseOf.has(description)) };
}

function pageIn(language: Language): string {
  const { texts, describe } = language;
  // A JSON schema that zod made; its shape is what the interface says.
  const schema = configJsonSchema() as Schema;
  const settings = at(schema, "settings");
  const provider = at(schema, "providers").items ?? {};
  const route = valueOf(at(schema, "model_routes")).items ?? {};
  const client = at(at(settings, "auth"), "clients").items ?? {};
  const section = (title: string, part: Schema): string =>
    `${title}\n\n${describe(part.description ?? "")}\n\n${table(part, language)}`;
  const sections = [
    texts.introduction,
    `## \`providers\`\n\n${texts.order}`,
    table(provider, language),
    section(`### ${texts.ofProvider("timeouts")}`, at(provider, "timeouts")),
    section(`### ${texts.ofProvider("tls")}`, at(provider, "tls")),
    section(`### ${texts.ofProvider("profile")}`, at(provider, "profile")),
    "## `settings`",
    table(settings, language),
    section("### `settings.timeouts`", at(settings, "timeouts")),
    section("### `settings.log_keep`", at(settings, "log_keep")),
    section("### `settings.error_rules`", at(settings, "error_rules").items ?? {}),
    section("### `settings.auth`", at(settings, "auth")),
    section("### `settings.auth.clients`", client),
    section("### `settings.auth.clients[].limits`", at(client, "limits")),
    section("### `settings.auth.clients[].budget`", at(client, "budget").anyOf?.[0] ?? {}),
    section("### `settings.tls`", at(settings, "tls")),
    section("### `settings.shared_state`", at(settings, "shared_state")),
    section("### `settings.prices`", at(settings, "prices").items ?? {}),
    section("### `settings.webhooks`", at(settings, "webhooks").items ?? {}),
    `## \`model_routes\`\n\n${describe(at(schema, "model_routes").description ?? "")}${texts.space}${texts.routes}`,
    table(route, language),
    texts.environment,
    originalKeys(settings, provider, language),
    texts.library,
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

function table(schema: Schema, { texts, describe }: Language): string {
  const rows = Object.entries(schema.properties ?? {})
    .filter(([, row]) => row.deprecated !== true)
    .map(([key, row]) => {
      const cells = [typeOf(row, texts), defaultOf(row, texts), cell(describe(row.description ?? ""))];
      return `| \`${key}\` | ${cells.join(" | ")} |`;
    });
  return [`| ${texts.key} | ${texts.columns.join(" | ")} | |`, "| --- | --- | --- | --- |", ...rows].join("\n");
}

function typeOf(schema: Schema, texts: ConfigurationTexts): string {
  if (schema.enum !== undefined) return schema.enum.map((word) => `\`${String(word)}\``).join(" ");
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.anyOf !== undefined) {
    const members = schema.anyOf.filter((member) => member.pattern === undefined && !isLowerCaseWords(member));
    return [...new Set(members.map((member) => typeOf(member, texts)))].join(texts.or);
  }
  if (schema.type === "array") return texts.list(typeOf(schema.items ?? {}, texts));
  const name =
    schema.type === "object" ? (schema.properties === undefined ? "map" : "section") : (schema.type ?? "any");
  return texts.types[name] ?? name;
}

// Accepted beside the words in capitals, and not worth a second list.
function isLowerCaseWords(schema: Schema): boolean {
  return schema.enum?.includes("debug") ?? false;
}

function defaultOf(schema: Schema, texts: ConfigurationTexts): string {
  if (schema.default !== undefined) return `\`${cell(JSON.stringify(schema.default).replace(/^"(.*)"$/, "$1"))}\``;
  const example = schema.examples?.[0];
  return example === undefined
    ? ""
    : `${texts.example} \`${cell(typeof example === "string" ? example : JSON.stringify(example))}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

const ownKeys = "The file is watched and reloaded by itself; name and version are ccpb's own.";

function originalKeys(settings: Schema, provider: Schema, { texts, describe }: Language): string {
  const rows = [
    ...deprecated(settings, "settings."),
    ["`settings.reload*`, `settings.app_*`", ownKeys],
    ...deprecated(at(settings, "timeouts"), "settings.timeouts."),
    ...deprecated(provider, "providers[]."),
  ].map(([key = "", instead = ""]) => `| ${key} | ${cell(describe(instead))} |`);
  return [texts.original, "", `| ${texts.key} | ${texts.instead} |`, "| --- | --- |", ...rows].join("\n");
}

function deprecated(schema: Schema, prefix: string): string[][] {
  return Object.entries(schema.properties ?? {})
    .filter(([, row]) => row.deprecated === true)
    .map(([key, row]) => [`\`${prefix}${key}\``, (row.description ?? "").replace(/^Ignored: /, "")]);
}

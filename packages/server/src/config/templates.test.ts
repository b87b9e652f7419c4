import { readFileSync } from "node:fs";
import { configJsonSchema } from "@ccpb/core/config";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { configFileText } from "../cli/config-template.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly deprecated?: boolean;
}

type Section = Readonly<Record<string, unknown>>;

const schema = (configJsonSchema() as Schema).properties?.["settings"] ?? {};

/** Keys that set what another key sets: a file needs only one of them. */
const otherNames = ["log_file_path", "unhealthy_http_codes", "unhealthy_response_body_patterns"];

/** The settings of a template, those included that are shown as a comment: `# key: value`. */
function shown(template: string): Section {
  const [, settings = ""] = template.slice(template.indexOf("\nsettings:")).split("\nsettings:\n");
  const lines = settings.split("\n# Where a route")[0]?.split("\n") ?? [];
  const active = lines
    .map((line) => line.replace(/^ {2}# (?=\w+:| +[\w-])/, "  "))
    .filter((line) => /^ {2}[ \w]/.test(line));
  return parse(`settings:\n${active.join("\n")}`).settings as Section;
}

/** What a template shows of each scalar, beside what the schema says is its default. */
function differences(section: Section, { properties = {} }: Schema, path = ""): string[] {
  return Object.entries(section).flatMap(([key, value]) => {
    const row = properties[key];
    if (row === undefined) return [`${path}${key} is no setting`];
    if (row.properties !== undefined) return differences(value as Section, row, `${path}${key}.`);
    const isShown = [
      row.default,
      ...(row.default === undefined ? [value] : []),
      ...(key === "workers" ? ["auto"] : []),
    ];
    return isShown.some((one) => JSON.stringify(one) === JSON.stringify(value))
      ? []
      : [`${path}${key}: ${String(value)}`];
  });
}

const example = readFileSync(new URL("../../../../providers.example.yaml", import.meta.url), "utf8");

describe("the templates of a configuration", () => {
  it("show the defaults of the file format and no others, in providers.example.yaml and as ccpb init writes it", () => {
    expect(differences(shown(example), schema)).toEqual([]);
    expect(Object.keys(shown(configFileText([]))).length).toBeGreaterThan(7);
    const { session_affinity: _chosen, ...settings } = shown(configFileText([]));
    expect(differences(settings, schema)).toEqual([]);
  });

  it("show every setting in providers.example.yaml", () => {
    const keys = Object.entries(schema.properties ?? {}).filter(([, row]) => row.deprecated !== true);
    const known = new Set([...Object.keys(shown(example)), ...otherNames]);
    expect(keys.map(([key]) => key).filter((key) => !known.has(key))).toEqual([]);
  });
});

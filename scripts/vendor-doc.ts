import { modelRules } from "../packages/core/src/vendors/models.ts";
import { vendorRules } from "../packages/core/src/vendors/vendors.ts";
import { familySources, type RowSource, vendorSources } from "./vendor-sources.ts";

/** Between these lines of docs/vendors.md stands what `vendorRows` makes. */
export const marks = ["<!-- rows: begin -->", "<!-- rows: end -->"] as const;

/** Returns every row of the built-in profiles as a table: whom it holds for, which members of a profile it sets, its source and the date of it. Throws where a row has no source. */
export function vendorRows(): string {
  const families = modelRules.map(({ model, profile }) => row(["any", "", model, profile], familySource(model.source)));
  const vendors = vendorRules.map(({ vendor, host, model, profile }) =>
    row([vendor, host, model ?? "", profile], sourceOf(vendorSources[vendor], vendor)),
  );
  const head = "| vendor | host | models | profile | source | dated |\n| --- | --- | --- | --- | --- | --- |";
  return [head, ...families, ...vendors].join("\n");
}

function familySource(pattern: string): RowSource {
  return sourceOf(familySources.find(([word]) => pattern.includes(word))?.[1], pattern);
}

function sourceOf(source: RowSource | undefined, name: string): RowSource {
  if (source === undefined)
    throw new Error(`scripts/vendor-sources.ts has no source for ${name}; add where it comes from`);
  return source;
}

type Cells = readonly [string, RegExp | "", RegExp | "", object];

function row([vendor, host, model, profile]: Cells, { source, date }: RowSource): string {
  const members = Object.entries(profile).map(([name, value]) => `\`${snakeCase(name)}: ${JSON.stringify(value)}\``);
  return `| ${[vendor, pattern(host), pattern(model), members.join(", "), source, date].join(" | ")} |`;
}

function pattern(expression: RegExp | ""): string {
  return expression === "" ? "any" : `\`${expression.source.replaceAll("|", "\\|")}\``;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

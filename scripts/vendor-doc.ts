import type { Evidence, VendorGuide } from "../packages/core/src/vendors/guide.ts";
import type { HostRule } from "../packages/core/src/vendors/vendor.ts";
import { guides } from "../packages/core/src/vendors/vendors.ts";

/** The parts of docs/vendors.md that `vendorTables` makes; each stands between the lines `<!-- NAME: begin -->` and `<!-- NAME: end -->`. */
export const parts = ["families", "apis", "rows", "messages"] as const;

/** Returns the table of each part, made from the files of the vendors. Throws where a row has no source. */
export function vendorTables(): Readonly<Record<(typeof parts)[number], string>> {
  const families = guides.flatMap((guide) => guide.families ?? []);
  const apis = guides.flatMap((guide) => guide.apis ?? []);
  return {
    families: table(
      ["family", "what its requests need", "evidence"],
      families.map(({ family, requests, evidence }) => [family, requests, evidence]),
    ),
    apis: table(
      ["vendor", "recognised by", "requests", "answers", "evidence"],
      apis.map(({ vendor, hosts, requests, answers, evidence }) => [vendor, hosts, requests, answers, evidence]),
    ),
    rows: table(
      ["vendor", "host", "models", "profile", "source", "dated"],
      [...guides.flatMap(familyRows), ...guides.flatMap(hostRows)],
    ),
    messages: table(["vendor", "host", "models", "profile", "source", "dated"], guides.flatMap(messagesRows)),
  };
}

function familyRows({ vendor, evidence }: VendorGuide): readonly string[][] {
  return (vendor?.models ?? []).map(({ model, profile }) => [
    "any",
    "any",
    pattern(model),
    members(profile),
    ...sourceCells(familySource(evidence?.models, model.source), evidence, model.source),
  ]);
}

function hostRows({ vendor, evidence }: VendorGuide): readonly string[][] {
  const { name = "", hosts = [] } = vendor ?? {};
  return hosts.map((rule) => [name, ...ruleCells(rule), ...sourceCells(evidence?.hosts, evidence, name)]);
}

function messagesRows({ vendor, evidence }: VendorGuide): readonly string[][] {
  const { name = "", messages = [] } = vendor ?? {};
  return messages.map((rule) => [name, ...ruleCells(rule), ...sourceCells(evidence?.messages, evidence, name)]);
}

function familySource(sources: Evidence["models"], pattern: string): string | undefined {
  return typeof sources === "string" ? sources : sources?.find(([word]) => pattern.includes(word))?.[1];
}

function sourceCells(source: string | undefined, evidence: Evidence | undefined, name: string): readonly string[] {
  if (source === undefined || evidence === undefined) {
    throw new Error(`a row of ${name} has no source; say in the guide of its file where it comes from`);
  }
  return [source, evidence.date];
}

function ruleCells({ host, model, profile }: Omit<HostRule, "profile"> & { readonly profile: object }): string[] {
  return [pattern(host), pattern(model), members(profile)];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function members(profile: object): string {
  return Object.entries(profile)
    .map(([name, value]) => `\`${snakeCase(name)}: ${JSON.stringify(value)}\``)
    .join(", ");
}

function pattern(expression: RegExp | undefined): string {
  return expression === undefined ? "any" : `\`${expression.source.replaceAll("|", "\\|")}\``;
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

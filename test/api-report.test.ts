import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { apiReports, reportPath } from "../scripts/api-report.ts";

const root = join(import.meta.dirname, "..");
const reports = apiReports(root);
const stored = (name: string): string => {
  const file = join(root, reportPath(name));
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};

describe("the public surface of the published packages", () => {
  it("has eight entries of core and five of the others", () => {
    expect(reports.map(({ name }) => name)).toEqual([
      "core",
      "config",
      "protocol",
      "sse",
      "translate",
      "tokens",
      "vendors",
      "testing",
      "redis",
      "ai-sdk",
      "otel",
      "otel-register",
      "server",
    ]);
  });

  describe.each(reports)("$name", ({ name, markdown, undocumented }) => {
    // A change of the surface is a decision: `node scripts/write-api-report.mjs`, a changeset, and a look at the difference.
    it("is what docs/api says", () => {
      expect(markdown).toBe(stored(name));
    });

    it("is documented: every export, and every method of a class", () => {
      expect(undocumented).toEqual([]);
    });
  });
});

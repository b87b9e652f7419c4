// Writes docs/api/*.md, the public surface of the published packages entry by entry: node scripts/write-api-report.mjs
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, withSource } from "./import-source.mjs";

// The compiler is too large to be bundled.
await withSource(
  "api-report.ts",
  ({ apiReports, reportPath }) => {
    mkdirSync(join(root, "docs/api"), { recursive: true });
    for (const { name, markdown } of apiReports(root)) writeFileSync(join(root, reportPath(name)), markdown);
  },
  { packages: "external" },
);

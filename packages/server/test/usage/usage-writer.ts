import { UsageFiles } from "../../src/usage/usage-files.ts";
import { noCounts } from "../../src/usage/usage-row.ts";

// Writes rows as fast as it can, and says so after each, until it is killed.
const files = new UsageFiles({ folder: process.argv[2] ?? "", compactBytes: 1_500, settleMs: 100 });
for (;;) {
  await files.append([
    { hour: "2026-11-29T03", client: "alice", provider: "a", key: 1, model: "m", ...noCounts, calls: 1 },
  ]);
  await new Promise((resolve) => process.send?.("written", resolve));
}

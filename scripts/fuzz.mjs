// Reads tampered answers with every reader: npm run fuzz, or with another number of cases and seed: npm run fuzz -- 10000 2
import { spawnSync } from "node:child_process";

const [cases = "250000", seed = "1"] = process.argv.slice(2);
const { status } = spawnSync("npx", ["vitest", "run", "packages/core/test/fuzz"], {
  stdio: "inherit",
  env: { ...process.env, CCPB_FUZZ_CASES: cases, CCPB_FUZZ_SEED: seed },
});
process.exitCode = status ?? 1;

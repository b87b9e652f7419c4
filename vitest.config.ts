import { defineConfig } from "vitest/config";

// Tests run on the TypeScript sources: the @ccpb/source export condition leads there, so nothing has to be built first.
const conditions = ["@ccpb/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/{src,test}/**/*.test.ts", "examples/*/*.test.ts", "test/**/*.test.ts"],
    // On a machine that is busy with other things a test takes many times as long.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: process.env["CI"] ? ["default", "./scripts/plain-reporter.mjs"] : ["default"],
  },
});

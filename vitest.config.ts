import { defineConfig } from "vitest/config";

// Tests run on the TypeScript sources: the @ccpb/source export condition leads there, so nothing has to be built first.
const conditions = ["@ccpb/source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/{src,test}/**/*.test.ts", "examples/*/*.test.ts", "test/**/*.test.ts"],
    testTimeout: 15_000,
    reporters: process.env["CI"] ? ["default", "./scripts/plain-reporter.mjs"] : ["default"],
  },
});

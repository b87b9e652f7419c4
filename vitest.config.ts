import { defineConfig } from "vitest/config";

// Tests run on the TypeScript sources: the @ccpb/source export condition leads there, so nothing has to be built first.
const conditions = ["@ccpb/source"];

/** The fault suite once more, with clients of another API. */
function faultSuite(client: "chat" | "responses") {
  return {
    extends: true as const,
    test: {
      name: `${client} clients`,
      include: ["packages/server/test/faults/*.test.ts"],
      env: { CCPB_TEST_CLIENT: client },
    },
  };
}

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    // On a machine that is busy with other things a test takes many times as long. These limits end a test that hangs, and nothing else.
    testTimeout: 600_000,
    // By default one core is left alone, which on two cores doubles the time.
    maxWorkers: "100%",
    hookTimeout: 600_000,
    expect: { poll: { timeout: 30_000, interval: 10 } },
    reporters: process.env["CI"] ? ["default", "./scripts/plain-reporter.mjs"] : ["default"],
    projects: [
      {
        extends: true,
        test: {
          name: "all",
          include: ["packages/*/{src,test}/**/*.test.ts", "examples/*/*.test.ts", "test/**/*.test.ts"],
        },
      },
      faultSuite("chat"),
      faultSuite("responses"),
    ],
  },
});

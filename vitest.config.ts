import { defineConfig } from "vitest/config";

// Tests run on the TypeScript sources: the @ccpb/source export condition leads there, so nothing has to be built first.
const conditions = ["@ccpb/source"];

const everyTest = ["packages/*/{src,test}/**/*.test.ts", "examples/*/*.test.ts", "test/**/*.test.ts"];

/**
 * Tests that change nothing that outlives them in their process. They share a process with others, so that the modules which they all use are loaded once:
 * half of the time that a short test of the server takes.
 */
const sharingTests = [
  "packages/{core,json-scan}/{src,test}/**/*.test.ts",
  "packages/{redis,server}/src/**/*.test.ts",
  "packages/server/test/{alerts,clouds,control,faults,http,lessons,log,reload,security,team,usage}/**/*.test.ts",
];

/** The fault suite once more, with clients of another API. */
function faultSuite(client: "chat" | "responses") {
  return {
    extends: true as const,
    test: {
      name: `${client} clients`,
      include: ["packages/server/test/faults/*.test.ts"],
      isolate: false,
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
        test: { name: "together", include: sharingTests, isolate: false },
      },
      {
        extends: true,
        test: { name: "alone", include: everyTest, exclude: sharingTests },
      },
      faultSuite("chat"),
      faultSuite("responses"),
    ],
  },
});

import * as ai5 from "ai-5";
import * as ai6 from "ai-6";
import * as ai7 from "ai-7";
import { createAnthropic as createAnthropic2 } from "ai-anthropic-2";
import { createAnthropic as createAnthropic3 } from "ai-anthropic-3";
import { createAnthropic as createAnthropic4 } from "ai-anthropic-4";
import { describe } from "vitest";
import { type Kit, testAiSdk } from "./ai-sdk-suite.ts";
import { dialects } from "./model.ts";

type Create = typeof createAnthropic4;

const versions: readonly (readonly [string, Kit, Create])[] = [
  ["5", ai5 as unknown as Kit, createAnthropic2 as unknown as Create],
  ["6", ai6 as unknown as Kit, createAnthropic3 as unknown as Create],
  ["7", ai7, createAnthropic4],
];
const cases = versions.flatMap(([version, kit, create]) =>
  dialects.map((dialect) => ({ version, dialect, kit, create })),
);

describe.each(cases)("the AI SDK $version over $dialect", ({ version, dialect, kit, create }) => {
  testAiSdk({
    version,
    kit,
    dialect,
    hasReasoning: true,
    names: ["claude-opus-5-5", "claude-sonnet-4-0"],
    modelAt: (url, name) => create({ baseURL: `${url}/v1`, apiKey: "a-client-credential" })(name),
  });
});

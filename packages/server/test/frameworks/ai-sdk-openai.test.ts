import * as ai5 from "ai-5";
import * as ai6 from "ai-6";
import * as ai7 from "ai-7";
import { createOpenAICompatible as createCompatible1 } from "ai-compatible-1";
import { createOpenAICompatible as createCompatible2 } from "ai-compatible-2";
import { createOpenAICompatible as createCompatible3 } from "ai-compatible-3";
import { createOpenAI as createOpenAI2 } from "ai-openai-2";
import { createOpenAI as createOpenAI3 } from "ai-openai-3";
import { createOpenAI as createOpenAI4 } from "ai-openai-4";
import { describe } from "vitest";
import { type AiSdkCase, type Kit, testAiSdk } from "./ai-sdk-suite.ts";
import { dialects } from "./model.ts";

type Make = AiSdkCase["modelAt"];

const options = (url: string) => ({ baseURL: `${url}/v1`, apiKey: "a-client-credential" });
const compatible = (url: string) => ({ ...options(url), name: "ccpb", supportsStructuredOutputs: true });

// The types of older versions differ in what is not called here.
const versions = [
  {
    version: "5",
    kit: ai5 as unknown as Kit,
    makes: {
      "openai responses": ((url: string, name: string) =>
        createOpenAI2(options(url)).responses(name)) as unknown as Make,
      "openai chat": ((url: string, name: string) => createOpenAI2(options(url)).chat(name)) as unknown as Make,
      "openai-compatible": ((url: string, name: string) => createCompatible1(compatible(url))(name)) as unknown as Make,
    },
  },
  {
    version: "6",
    kit: ai6 as unknown as Kit,
    makes: {
      "openai responses": ((url: string, name: string) =>
        createOpenAI3(options(url)).responses(name)) as unknown as Make,
      "openai chat": ((url: string, name: string) => createOpenAI3(options(url)).chat(name)) as unknown as Make,
      "openai-compatible": ((url: string, name: string) => createCompatible2(compatible(url))(name)) as unknown as Make,
    },
  },
  {
    version: "7",
    kit: ai7,
    makes: {
      "openai responses": ((url: string, name: string) => createOpenAI4(options(url)).responses(name)) as Make,
      "openai chat": ((url: string, name: string) => createOpenAI4(options(url)).chat(name)) as Make,
      "openai-compatible": ((url: string, name: string) => createCompatible3(compatible(url))(name)) as Make,
    },
  },
];
const cases = versions.flatMap(({ version, kit, makes }) =>
  Object.entries(makes).flatMap(([name, modelAt]) =>
    dialects.map((dialect) => ({ version, kit, name, modelAt, dialect })),
  ),
);

describe.each(cases)("the AI SDK $version with $name over $dialect", ({ name, dialect, ...sdk }) => {
  testAiSdk({
    ...sdk,
    dialect,
    names: ["gpt-5.6", "gpt-4o"],
    hasReasoning: name !== "openai chat",
    // By default the SDK refers to items that OpenAI stores, and the fake provider stores none. ccpb knows the items of its translations.
    ...(name === "openai responses" && dialect === "responses" && { providerOptions: { openai: { store: false } } }),
  });
});

import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/index.ts",
    "src/config/index.ts",
    "src/protocol/index.ts",
    "src/sse/index.ts",
    "src/translate/index.ts",
    "src/tokens/index.ts",
    "src/vendors/index.ts",
    "src/testing/index.ts",
    "src/internal/index.ts",
  ],
  format: "esm",
  target: "node20",
  platform: "neutral",
  clean: true,
});

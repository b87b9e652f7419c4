import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/register.ts"],
  format: "esm",
  target: "node20",
  platform: "node",
  clean: true,
});

import { defineConfig } from "tsup";

export default defineConfig({
  entry: ["src/index.ts", "src/cli.ts"],
  format: "esm",
  target: "node20",
  platform: "node",
  splitting: true,
  clean: true,
  // The demo's fake upstreams are a private workspace package: they ship inside the bundle.
  noExternal: ["@ccpb/fake-upstream"],
});

import { copyFile } from "node:fs/promises";
import { defineConfig } from "tsup";

export default defineConfig({
  entry: {
    index: "src/index.ts",
    cli: "src/cli.ts",
    worker: "src/cluster/worker-main.ts",
    "o200k-thread": "src/tokenizer/o200k-thread.ts",
  },
  format: "esm",
  target: "node20",
  platform: "node",
  splitting: true,
  clean: true,
  // The demo's fake upstreams are a private workspace package: they ship inside the bundle.
  // The tokeniser comes with four vocabularies, of which one is needed.
  noExternal: ["@ccpb/fake-upstream", "gpt-tokenizer"],
  // The vocabulary is a fifth smaller than with its letters escaped.
  esbuildOptions: (options) => {
    options.charset = "utf8";
  },
  // The status page is read from beside the code that serves it.
  onSuccess: () => copyFile("src/ui/page.html", "dist/page.html"),
});

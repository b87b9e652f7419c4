import { defineConfig } from "tsup";

export default defineConfig({
  entry: [
    "src/bench.ts",
    "src/micro.ts",
    "src/memory.ts",
    "src/abuse.ts",
    "src/linear.ts",
    "src/doors.ts",
    "src/bare-proxy.ts",
    "src/minimal-translator.ts",
  ],
  format: "esm",
  target: "node20",
  platform: "node",
  splitting: true,
  clean: true,
  silent: true,
  // The micro-benchmarks reach into core's sources; esbuild takes them by the same condition as the tests do.
  noExternal: [/^@ccpb\//],
  external: ["undici", "eventsource-parser", "mitata", "zod"],
  esbuildOptions: (options) => {
    options.conditions = ["@ccpb/source"];
  },
});

import { cp } from "node:fs/promises";
import { type Options, defineConfig } from "tsup";
import { builtinModulesWithoutImport } from "./builtin-modules.ts";
import { thirdPartyLicences } from "./third-party-licences.ts";

// What only some verbs load stays outside of the command, and what finds its own files there; Redis comes with a package of its own.
const outside = [
  "undici",
  "prom-client",
  "pino-pretty",
  "@clack/prompts",
  "@bomb.sh/tab",
  "@ccpb/redis",
  "@aws-sdk/credential-providers",
  "@smithy/signature-v4",
  "google-auth-library",
];

const shared: Options = {
  format: "esm",
  target: "node20",
  platform: "node",
  splitting: true,
  // All builds write into one folder, which the build script empties first.
  clean: false,
  esbuildOptions: (options) => {
    options.conditions = ["@ccpb/source"];
  },
};

// `outDir`: `npm start` builds into a new folder, which takes the place of the old one when it is whole.
export default defineConfig(({ outDir = "dist" }) => [
  { ...shared, entry: { index: "src/index.ts" } },
  // The command carries what it always loads: three hundred small files take longer to find than to run.
  {
    ...shared,
    entry: { cli: "src/cli/ccpb.ts", worker: "src/cluster/worker-main.ts" },
    noExternal: [new RegExp(`^(?!(?:${outside.join("|")})(?:/|$))`)],
    // For what is bundled of CommonJS: all that it may still require is Node's own.
    banner: {
      js: "const require = (name) => { const found = process.getBuiltinModule(name); if (found) return found; throw new Error(`Cannot find module ${name}`); };",
    },
    // Comments and indentation are read at every start; names stay, for stack traces.
    minifyWhitespace: true,
    removeNodeProtocol: false,
    esbuildPlugins: [builtinModulesWithoutImport(), thirdPartyLicences(`${outDir}/third-party-licences.txt`)],
    // The status page is read from beside the code that serves it.
    onSuccess: () => cp("src/ui/page", `${outDir}/page`, { recursive: true }),
  },
  // The tokeniser comes with four vocabularies, of which one is needed; it is a fifth smaller than with its letters escaped.
  {
    ...shared,
    entry: { "o200k-thread": "src/tokenizer/o200k-thread.ts" },
    noExternal: ["gpt-tokenizer"],
    esbuildPlugins: [thirdPartyLicences(`${outDir}/third-party-licences-tokeniser.txt`)],
    esbuildOptions: (options) => {
      options.charset = "utf8";
    },
  },
]);

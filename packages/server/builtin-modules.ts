import { builtinModules } from "node:module";
import type { Options } from "tsup";

type Plugin = NonNullable<Options["esbuildPlugins"]>[number];

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An import statement reads every export of such a module, also those that load more when
 * they are read: `node:http` (from Node 22) the whole of `fetch` and WebSocket, `node:fs` its streams. Here only what somebody imports is read.
 * Dynamic imports stay as they are.
 */
export function builtinModulesWithoutImport(): Plugin {
  return {
    name: "builtin-modules",
    setup(build) {
      // Else a name that the Node which builds lacks would be undefined on every other.
      build.initialOptions.logOverride = { ...build.initialOptions.logOverride, "import-is-undefined": "error" };
      build.onResolve({ filter: /^(?:node:)?[a-z0-9_/]+$/ }, ({ path, kind, importer }) => {
        const name = path.replace(/^node:/, "");
        if (kind !== "import-statement" || !builtinModules.includes(name)) return undefined;
        // Each importer has its own few lines: what is shared becomes a file of its own, which takes longer to find than to run.
        // (Whoever collects licences takes what stands behind node_modules for a package.)
        return {
          path: `node:${name}`,
          suffix: `?${importer.replaceAll("node_modules", "")}`,
          namespace: "builtin",
          sideEffects: false,
        };
      });
      build.onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({ contents: moduleText(path) }));
    },
  };
}

function moduleText(path: string): string {
  const names = Object.keys(process.getBuiltinModule(path) ?? {}).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name));
  return [
    `const builtin = process.getBuiltinModule(${JSON.stringify(path)});`,
    "export default builtin;",
    // Pure: what nobody imports is left out of the bundle.
    ...names.map((name) => `export const ${name} = /* @__PURE__ */ (() => builtin.${name})();`),
  ].join("\n");
}

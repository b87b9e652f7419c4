// `npm test`: installs everything, also the tools that `npm start` does without, and runs all tests on the TypeScript sources.
import { spawn } from "child_process";
import { fileURLToPath } from "url";
import { checkNode } from "./node-version.mjs";

function runTests() {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const vitest = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
  const child = spawn(process.execPath, [vitest, "run", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
  child.on("close", (code) => (process.exitCode = code === null ? 1 : code));
}

if (checkNode()) {
  void import("./set-up.mjs")
    .then(({ installEverything }) => installEverything())
    .then((isReady) => {
      if (isReady) runTests();
    });
}

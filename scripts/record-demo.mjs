// Records `npm start -- demo` as typed into a shell on a real terminal, byte for byte: docs/images/demo.cast (asciicast, version 2), and docs/images/demo.svg
// drawn from it. Needs python3 and bash: node scripts/record-demo.mjs
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [columns, rows] = [84, 26];
const command = "npm start -- demo";

/** What the terminal showed and when, from the first prompt to the one after the command. */
function record(folder) {
  // bash takes no prompt from the environment.
  const settings = join(folder, "bashrc");
  writeFileSync(settings, "PS1='$ '\n");
  const { NO_COLOR: _noColor, CI: _ci, ...env } = process.env;
  const terminal = ["scripts/on-terminal.py", String(columns), String(rows)];
  const child = spawn("python3", [...terminal, "bash", "--rcfile", settings, "-i"], {
    cwd: root,
    env: { ...env, TERM: "xterm-256color", NO_UPDATE_NOTIFIER: "1" },
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 180_000,
  });
  const startMs = Date.now();
  const events = [];
  let prompts = 0;
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      if (prompts === 2) resolve(events);
      else reject(new Error(`the terminal was closed (${code}) before the command had ended`));
    });
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (text) => {
      const isPrompt = text.endsWith("$ ");
      prompts += Number(isPrompt);
      if (prompts === 2) return child.stdin.end("exit\n");
      events.push([(Date.now() - startMs) / 1000, "o", text]);
      if (isPrompt) setTimeout(() => child.stdin.write(`${command}\n`), 500);
    });
  });
}

const folder = mkdtempSync(join(root, "node_modules", ".ccpb-record-"));
try {
  const outfile = join(folder, "terminal-svg.mjs");
  await build({ entryPoints: [join(root, "scripts/terminal-svg.ts")], outfile, bundle: true, format: "esm" });
  const { terminalSvg } = await import(pathToFileURL(outfile).href);
  const head = { version: 2, width: columns, height: rows, title: command };
  const cast = `${[head, ...(await record(folder))].map((line) => JSON.stringify(line)).join("\n")}\n`;
  writeFileSync(join(root, "docs/images/demo.cast"), cast);
  writeFileSync(join(root, "docs/images/demo.svg"), terminalSvg(cast));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

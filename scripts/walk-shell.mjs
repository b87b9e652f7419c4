// One bash session with a clean environment, and the commands that a document shows.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./import-source.mjs";

/** A bash session: `cd` and `export` last from one command to the next, as they do for a person. */
export class Shell {
  #child;
  #heard = "";
  #count = 0;

  /** @param {string} folder - holds `home` and, for what is installed globally, `prefix`. */
  constructor(folder) {
    const kept = ["NODE_EXTRA_CA_CERTS", "HTTPS_PROXY", "NO_PROXY"].filter((name) => process.env[name] !== undefined);
    this.#child = spawn("bash", ["--noprofile", "--norc"], {
      cwd: folder,
      env: {
        ...Object.fromEntries(kept.map((name) => [name, process.env[name]])),
        HOME: join(folder, "home"),
        PATH: `${join(folder, "prefix/bin")}:/usr/local/bin:/usr/bin:/bin`,
        // Where the global folder of npm belongs to its user, as with nvm.
        NPM_CONFIG_PREFIX: join(folder, "prefix"),
        TERM: "dumb",
        LANG: "C.UTF-8",
      },
      stdio: ["pipe", "pipe", "ignore"],
      detached: true,
    });
    this.#child.stdout.setEncoding("utf8");
    this.#child.stdout.on("data", (text) => (this.#heard += text));
  }

  /** Runs a command to its end and returns what it printed. Throws where its exit code is not `code`. */
  async run(command, { code = 0, limitSeconds = 400 } = {}) {
    this.#count += 1;
    const mark = `ccpb-walk-${this.#count}:`;
    const from = this.#heard.length;
    this.#child.stdin.write(`{ ${command}\n} </dev/null 2>&1; echo "${mark}$?"\n`);
    const deadline = Date.now() + limitSeconds * 1000;
    for (;;) {
      const said = this.#heard.slice(from);
      const [, found] = new RegExp(`${mark}(\\d+)`).exec(said) ?? [];
      const text = said.replace(/ccpb-walk-\d+:\d+\n$/, "");
      if (found !== undefined && Number(found) !== code) throw new Error(`${command}: exit code ${found}\n${text}`);
      if (found !== undefined) return text;
      if (Date.now() > deadline) throw new Error(`${command}: did not end within ${limitSeconds} s\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends the session and everything that was started in it. */
  async end() {
    try {
      process.kill(-(this.#child.pid ?? 0), "SIGTERM");
    } catch (error) {
      if (error.code !== "ESRCH") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/**
 * Finds the command of a document that begins so, its comment cut off. Throws where no shell block holds it: then the document does not say what a
 * reader has to type.
 */
export function commandOf(document, beginning) {
  const text = readFileSync(join(root, document), "utf8");
  const lines = [...text.matchAll(/^ *```sh\n([\s\S]*?)^ *```$/gm)].flatMap(([, code = ""]) => code.split("\n"));
  const inline = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
  const line = [...lines, ...inline].map((one) => one.trim()).find((one) => one.startsWith(beginning));
  if (line === undefined) throw new Error(`${document} shows no command "${beginning} …"`);
  return line.replace(/ +# .*$/, "");
}

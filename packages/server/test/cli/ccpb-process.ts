import { execFile, spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../../..");
/** The built command. */
export const cli: string = join(root, "packages/server/dist/cli.js");

/** Builds the packages if their sources changed: these tests run the built binary. */
export async function buildBinary(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, "scripts/build-if-changed.mjs")]);
}

/** A folder of its own, with what the test writes into it; removed by `using`. */
export class Workspace implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "ccpb-cli-"));

  /** Writes a file by a rename: a server that watches it never reads half of it. */
  write(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(`${path}.next`, text, { mode: 0o600 });
    renameSync(`${path}.next`, path);
    return path;
  }

  [Symbol.dispose](): void {
    // Workers outlive a primary that is killed by a moment, and may still write into the folder.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 100, retryDelay: 20 });
  }
}

/** A running `ccpb`, with what it printed so far. */
export class CcpbProcess implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly exit: Promise<number | string>;
  stdout = "";
  stderr = "";

  /** The last parameter is how `ccpb` is called: by default the built binary, with this Node. */
  constructor(
    folder: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    [program = process.execPath, ...before]: readonly string[] = [process.execPath, cli],
  ) {
    const path = process.env["PATH"] ?? "";
    this.child = spawn(program, [...before, ...args], { cwd: folder, env: { PATH: path, HOME: folder, ...env } });
    this.child.stdout.on("data", (chunk) => (this.stdout += String(chunk)));
    this.child.stderr.on("data", (chunk) => (this.stderr += String(chunk)));
    // `close` comes after the last byte of both outputs.
    this.exit = once(this.child, "close").then(([code, signal]) => (code ?? signal) as number | string);
  }

  /** Both outputs; the log comes on stderr, everything else on stdout. */
  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Resolves with the match when the output has it. */
  async waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    for (const untilMs = performance.now() + 60_000; performance.now() < untilMs;) {
      const hasEnded = this.child.exitCode !== null || this.child.signalCode !== null;
      // The end of a process may be known before its last output is.
      if (hasEnded) await this.exit;
      const match = pattern.exec(this.output);
      if (match) return match;
      if (hasEnded) break;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`${pattern} did not come in: ${this.output}`);
  }

  /** The base URL, when the banner has told it. */
  async url(): Promise<string> {
    return (await this.waitFor(/export ANTHROPIC_BASE_URL=(\S+)\s/))[1] ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill("SIGKILL");
    await this.exit;
  }
}

/** A configuration file with one anthropic provider at `url`. */
export function providersYaml(url: string, settings = "", key = "sk-test-1234567890abcdef"): string {
  return `providers:
  - name: one
    type: anthropic
    base_url: ${url}
    auth_type: api_key
    auth_value: ${key}
    big_model: passthrough
    small_model: passthrough
settings:
  port: 0
${settings}`;
}

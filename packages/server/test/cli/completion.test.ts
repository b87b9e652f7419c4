import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync } from "node:fs";
import { resolve } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { buildBinary, CcpbProcess, cli, Workspace } from "./ccpb-process.ts";

// Every run is a process of its own, and machines are busy.
beforeAll(buildBinary);

const has = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const hasFish = has("fish", "--version");
const hasZsh = has("zsh", "--version");
const hasPython = has("python3", "-c", "import pty");
const bashCompletion = "/usr/share/bash-completion/bash_completion";
const onTerminal = resolve(import.meta.dirname, "../../../../scripts/on-terminal.py");

// The key is not set: a completion needs none.
const configuration = `providers:
  - {name: alpha, type: anthropic, base_url: https://a.test, auth_value: "\${UNSET_KEY}", big_model: big-of-alpha, small_model: passthrough}
  - {name: beta, type: openai, base_url: https://b.test, auth_value: "\${UNSET_KEY}", models: {"client-name": upstream-name, "glob-*": other-name, "local-name": "qwen3:8b"}}
model_routes:
  routed-name: [{provider: alpha, model: big-of-alpha}]
`;

/** A folder with `ccpb`, a file `mine.yaml` and a configuration; the environment of a shell that works there. */
function stage(): { readonly space: Workspace; readonly env: Readonly<Record<string, string>> } {
  const space = new Workspace();
  const shim = space.write("ccpb", `#!/bin/sh\nexec "${process.execPath}" "${cli}" "$@"\n`);
  chmodSync(shim, 0o755);
  space.write("mine.yaml", "");
  space.write("providers.yaml", configuration);
  const env = { PATH: `${space.folder}:${process.env["PATH"] ?? ""}`, HOME: space.folder, TERM: "dumb", PS1: "> " };
  return { space, env };
}

/** Runs a program of a shell to its end; its output. */
async function inShell([program = "", ...before]: readonly string[], source: string): Promise<string> {
  const { space, env } = stage();
  using _space = space;
  const child = spawn(program, [...before, "-c", source], { cwd: space.folder, env });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  await once(child, "close");
  return output;
}

/** What stands on the line of an interactive shell after each of `lines` was typed, with a tab behind it. */
async function typed(shell: readonly string[], setUp: string, lines: readonly string[]): Promise<string[]> {
  const { space, env } = stage();
  using _space = space;
  const wide = ["python3", onTerminal, "200", "24", ...shell];
  await using terminal = new CcpbProcess(space.folder, [], env, wide);
  const type = (text: string): boolean => terminal.child.stdin.write(text);
  type(`${setUp}\necho SET-''UP\n`);
  await terminal.waitFor(/SET-UP/);
  const results: string[] = [];
  for (const [index, line] of lines.entries()) {
    // Ctrl-A, then the line becomes the argument of an echo: quotes keep what a completion put there.
    type(`${line}\t'\u0001echo DONE-''${index} '\n`);
    const [, result = ""] = await terminal.waitFor(new RegExp(`^DONE-${index} (.*?) *\\r?\\n`, "m"));
    results.push(result);
  }
  type("exit\n");
  return results;
}

/** What is typed, and what the tab makes of it. */
const completed: readonly (readonly [line: string, completed: string])[] = [
  ["ccpb rel", "ccpb reload"],
  ["ccpb init --provider openr", "ccpb init --provider openrouter"],
  ["ccpb init --provider anthropic,openr", "ccpb init --provider anthropic,openrouter"],
  ["ccpb init --provider anthropic openr", "ccpb init --provider anthropic openrouter"],
  ["ccpb status --js", "ccpb status --json"],
  // --csv is refused beside --json, and --workers by usage.
  ["ccpb usage --json --c", "ccpb usage --json --config"],
  ["ccpb check mi", "ccpb check mine.yaml"],
  ["ccpb --config mi", "ccpb --config mine.yaml"],
  ["ccpb explain rou", "ccpb explain routed-name"],
  ["ccpb explain client", "ccpb explain client-name"],
  ["ccpb explain claude-so", "ccpb explain claude-sonnet-5-5"],
  ["ccpb check --model big", "ccpb check --model big-of-alpha"],
  ["ccpb explain qwen", "ccpb explain qwen3:8b"],
  ["ccpb explain qwen3:", "ccpb explain qwen3:8b"],
  ["ccpb completion pow", "ccpb completion powershell"],
];

const shells: readonly (readonly [name: string, here: boolean, shell: readonly string[], setUp: string])[] = [
  ["bash without bash-completion", true, ["bash", "--norc", "--noprofile", "-i"], "source <(ccpb completion bash)"],
  [
    "bash with bash-completion",
    existsSync(bashCompletion),
    ["bash", "--norc", "--noprofile", "-i"],
    `source ${bashCompletion}; source <(ccpb completion bash)`,
  ],
  ["zsh", hasZsh, ["zsh", "-f", "-i"], "autoload -U compinit; compinit -u -D; source <(ccpb completion zsh)"],
];

describe("ccpb completion", () => {
  for (const [name, isHere, shell, setUp] of shells) {
    const skipped = isHere && hasPython ? "" : " (skipped: it is not here)";
    it.skipIf(skipped !== "")(`completes what is typed in a real ${name}${skipped}`, async () => {
      const lines = completed.map(([line]) => line);
      expect(await typed(shell, setUp, lines)).toEqual(completed.map(([, result]) => result));
    });
  }

  it("can be sourced twice in bash, and evaluates no word", async () => {
    const output = await inShell(
      ["bash", "--norc", "--noprofile"],
      `source <(ccpb completion bash); source <(ccpb completion bash)
      t() { COMP_LINE=$1; COMP_POINT=\${#1}; _ccpb_complete; echo "[$1] \${COMPREPLY[*]}"; }
      complete -p ccpb; t "ccpb init --provider deep"; t "ccpb check "; t 'ccpb $(touch evaluated) '; t 'ccpb \`touch evaluated\` x'; ls evaluated`,
    );
    expect(output).toContain("complete -o default -F _ccpb_complete ccpb");
    expect(output).toContain("[ccpb init --provider deep] deepseek deepseek-chat\n");
    // Nothing: then bash offers files.
    expect(output).toContain("[ccpb check ] \n");
    expect(output).toMatch(/cannot access|No such file/);
  });

  it.skipIf(!hasZsh)(
    `can be sourced twice in zsh, and evaluates no word${hasZsh ? "" : " (skipped: it is not here)"}`,
    async () => {
      const output = await inShell(
        ["zsh", "-f"],
        `autoload -U compinit; compinit -u -D; source <(ccpb completion zsh); source <(ccpb completion zsh); echo $_comps[ccpb]
      _describe() { echo "[$words]" \${(P)2} }; _files() { echo "[$words] files" }
      t() { words=("$@"); CURRENT=$#; _ccpb }
      t ccpb rel; t ccpb explain qwen; t ccpb check ""; t ccpb '$(touch evaluated)' ""; t ccpb '\`touch evaluated\`' ""; ls evaluated`,
      );
      expect(output).toMatch(/^_ccpb$/m);
      expect(output).toContain("[ccpb rel] reload:have a running server");
      expect(output).toContain("[ccpb explain qwen] qwen3\\:8b:\n");
      expect(output).toContain("[ccpb check ] files\n");
      expect(output).toMatch(/cannot access|No such file/);
    },
  );

  it.skipIf(!hasFish)(
    `completes in a real fish, files included${hasFish ? "" : " (skipped: it is not here)"}`,
    async () => {
      for (const [line, result] of completed) {
        const output = await inShell(["fish", "--no-config"], `ccpb completion fish | source; complete -C "${line}"`);
        const words = output.split("\n").map((each) => each.split("\t")[0]);
        expect({ line, words }).toMatchObject({ words: expect.arrayContaining([result.split(" ").at(-1)]) });
      }
    },
  );

  it("prints no error for a configuration that cannot be read", async () => {
    const output = await inShell(["bash"], `echo 'providers: [' > providers.yaml; ccpb complete -- explain claude-so`);
    expect(output).toBe("claude-sonnet-5-5\t\n:4\n");
  });
});

import { Argument, Option } from "commander";
import { controlVerbs } from "./control-verbs.ts";
import { type OptionRules, urlRule } from "./option-rules.ts";
import type { Verb } from "./verb.ts";

/** Runs the server: the verb that is meant where none is named. */
export const serveVerb: Verb = {
  name: "serve",
  group: "run",
  summary: "run the balancer (the default)",
  examples: [
    ["", "listen where the configuration says, 127.0.0.1:8080 by default"],
    ["--port 0", "listen on a free port; the banner shows it"],
    ["--config ~/work.yaml --workers auto", "one process for each processor, with another file"],
  ],
  exitCodes: [
    [0, "it was told to stop, and every request had ended"],
    [1, "it cannot listen at the address"],
    ["130, 143", "a second signal, or drain_timeout, cut requests off"],
  ],
  rules: { takes: ["--config", "--host", "--port", "--workers"] },
  run: async (options) => (await import("./serve.ts")).serve(options),
};

const urlOption: [flags: string, description: string] = [
  "--url <url>",
  "the running server (default: CCPB_URL, else as configured)",
];
const addressOptions = ["--config", "--host", "--port"] as const;
const noRules: OptionRules = { takes: [] };
const shells = ["bash", "zsh", "fish", "powershell"];

const running: readonly Verb[] = [
  serveVerb,
  {
    name: "code",
    group: "run",
    summary: "run Claude Code on a balancer of its own: code -- ARGUMENTS",
    examples: [
      ["", "start Claude Code"],
      ['-- -p "Say hello" --model haiku', "hand arguments to Claude Code, after --"],
    ],
    exitCodes: [["any", "that of Claude Code"]],
    rules: { takes: ["--config", "--host", "--port"] },
    define: (command) => command.argument("[arguments...]", "arguments of claude, after --"),
    run: async (options, command) => (await import("./code.ts")).code(command.args, options),
  },
  {
    name: "demo",
    group: "run",
    summary: "watch failover and recovery with fake providers; needs no key and no configuration",
    rules: noRules,
    run: async () => (await import("../demo/demo.ts")).runDemo(),
  },
];

const configuring: readonly Verb[] = [
  {
    name: "init",
    group: "configure",
    summary: "write a commented providers.yaml; asks on a terminal",
    examples: [
      ["", "choose from a list"],
      ["--provider anthropic,openrouter", "the first is preferred, the second stands by"],
      ["--provider relay --base-url relay=https://relay.example.com", "a provider at an address of yours"],
    ],
    rules: noRules,
    define: (command) =>
      command
        .option("--provider <names...>", "providers in order of preference: anthropic, openrouter, openai …")
        .option("--base-url <name=url...>", "another address of a provider: relay=https://relay.example.com")
        .option("--output <file>", "where to write it (default: providers.yaml)")
        .option("--force", "write over a file that is there"),
    run: async (options) => (await import("./init.ts")).init(options),
  },
  {
    name: "check",
    group: "configure",
    summary: "find every mistake in a configuration",
    examples: [
      ["", "every mistake, with line, column and what to write"],
      ["--live", "also ask every provider for one token, with each of its keys"],
      ["--live --abilities", "also find out what each model takes, and which profile to write"],
      ["--print", "every setting in force, and where it comes from"],
      ["other.yaml --json", "for scripts: problems and results as one JSON object"],
    ],
    exitCodes: [
      [0, "the configuration can be used; with --live: every provider answered"],
      [1, "--live: a provider failed"],
      [2, "the configuration cannot be used, or the command line is wrong"],
    ],
    rules: {
      takes: ["--config", "--host", "--port", "--workers"],
      excludes: [
        [["file"], ["--config"]],
        [["--print"], ["--json"]],
      ],
      needs: [[["--abilities", "--model"], "--live"]],
    },
    define: (command) =>
      command
        .argument("[file]", "the configuration (default: found as serve finds it)")
        .option("--live", "ask every enabled provider for one token of its smallest model")
        .option("--abilities", "with --live: ask each model a few questions more, and print the profile that follows")
        .option("--model <model>", "the upstream model that --live asks for")
        .option("--print", "show what is in force, and where each value comes from")
        .option("--json", "problems, and the results of --live, as JSON on stdout"),
    run: async (options, command) => (await import("./check.ts")).check(command.args[0], options),
  },
];

const watching: readonly Verb[] = [
  {
    name: "status",
    group: "server",
    summary: "show the providers of a running server",
    examples: [
      ["", "a table: who can serve, and why the others cannot"],
      ["--watch", "the same, again every second"],
      ["--json | jq -r '.current_provider'", "for scripts"],
    ],
    exitCodes: [
      [0, "a provider can serve"],
      [1, "no provider can serve"],
      [3, "no server answers"],
    ],
    rules: { takes: addressOptions, excludes: [urlRule] },
    define: (command) =>
      command
        .option("--json", "the answer of /providers")
        .option("--watch", "again every second, until Ctrl-C")
        .option(...urlOption),
    run: async (options) => (await import("./status.ts")).status(options),
  },
  {
    name: "usage",
    group: "server",
    summary: "show the tokens and the cost of a running server, or of a log",
    examples: [
      ["", "by client, of the last seven days"],
      ["--by day --since 4w", "a line a day"],
      ["--by model --csv > usage.csv", "for a spreadsheet"],
      ["--log logs/balancer.jsonl --since 3m", "what an older version has logged"],
    ],
    exitCodes: [[3, "no server answers"]],
    rules: {
      takes: addressOptions,
      excludes: [[["--json"], ["--csv"]], [["--log"], ["--url", ...addressOptions]], urlRule],
    },
    define: (command) =>
      command
        .addOption(
          new Option("--by <what>", "what a line of the table is (default: client)").choices([
            "client",
            "provider",
            "model",
            "key",
            "day",
            "hour",
          ]),
        )
        .option("--since <span>", "24h, 7d, 4w, 3m, or a date such as 2026-11-01 (default: 7d)")
        .option("--log <file>", "read this log instead of asking a server")
        .option("--json", "the answer of GET /usage")
        .option("--csv", "comma-separated values")
        .option(...urlOption),
    run: async (options) => (await import("./usage.ts")).usage(options),
  },
  {
    name: "explain",
    group: "server",
    summary: "show which provider takes a model, and why; of a running server, now",
    examples: [
      ["claude-opus-5", "the order in which providers are asked now"],
      ["claude-haiku-4-5 --offline", "by the configuration alone"],
    ],
    exitCodes: [
      [0, "a provider serves the model"],
      [1, "no provider covers the model: requests for it are answered with 404"],
      [3, "no provider can serve the model now, or the server that --url names does not answer"],
    ],
    rules: { takes: addressOptions, excludes: [[["--offline"], ["--url", "--host", "--port"]], urlRule] },
    define: (command) =>
      command
        .argument("<model>", "a model as Claude Code asks for it, such as claude-opus-4-5")
        .option("--json", "as JSON")
        .option("--offline", "by the configuration alone, even where a server runs")
        .option(...urlOption),
    run: async (options, command) => (await import("./explain.ts")).explain(command.args[0] ?? "", options),
  },
  {
    name: "reload",
    group: "server",
    summary: "have a running server read its configuration again",
    examples: [
      ["", "read providers.yaml again; the server does so by itself when the file changes"],
      ["--reset", "also close every circuit, after an account was topped up"],
    ],
    exitCodes: [
      [2, "the server refuses the configuration and keeps its old one, or the command line is wrong"],
      [3, "no server answers"],
    ],
    rules: { takes: addressOptions, excludes: [urlRule] },
    define: (command) =>
      command
        .option("--reset", "also close every circuit")
        .option("--json", "the answer of POST /providers/reload")
        .option(...urlOption),
    run: async (options) => (await import("./reload.ts")).reload(options),
  },
];

const forShells: readonly Verb[] = [
  {
    name: "schema",
    group: "shell",
    summary: "print the JSON schema of providers.yaml",
    examples: [["> providers.schema.json", "for an editor without a network"]],
    rules: noRules,
    run: async () => (await import("./schema.ts")).printSchema(),
  },
  {
    name: "completion",
    group: "shell",
    summary: "print the completion script of a shell",
    examples: [
      ["bash >> ~/.bashrc", "bash, with or without bash-completion"],
      ["zsh >> ~/.zshrc", "zsh, below the line with compinit"],
      ["fish > ~/.config/fish/completions/ccpb.fish", "fish"],
    ],
    rules: noRules,
    define: (command) => command.addArgument(new Argument("<shell>").choices(shells)),
    run: async (_options, command) => (await import("./completion.ts")).printCompletionScript(command.args[0] ?? ""),
  },
  {
    name: "version",
    group: "shell",
    summary: "print the version",
    rules: noRules,
    run: async () => (await import("./print-version.ts")).printVersion(),
  },
  {
    name: "complete",
    group: "shell",
    summary: "suggest words to a completion script",
    isHidden: true,
    rules: noRules,
    define: (command) => command.argument("[words...]"),
    run: async (_options, command) =>
      (await import("./completion.ts")).printSuggestions(command.parent ?? command, command.args, rulesOf),
  },
];

function rulesOf(name: string): OptionRules {
  return verbs.find((verb) => verb.name === name)?.rules ?? noRules;
}

/** All verbs, in the order of the help. */
export const verbs: readonly Verb[] = [...running, ...configuring, ...watching, ...controlVerbs, ...forShells];

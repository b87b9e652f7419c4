import { Argument, type Command } from "commander";
import type { CommonOptions } from "./common-options.ts";

/** A verb of the command line. Its file is imported when it runs, so that no verb pays for another. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** Left out of the help. */
  readonly isHidden?: boolean;
  /** Adds the verb's own arguments and options. */
  readonly define?: (command: Command) => Command;
  /** Runs it; answers the exit code, or undefined where the process is to live on. */
  run(options: CommonOptions, command: Command): Promise<number | undefined>;
}

/** Runs the server: the verb that is meant where none is named. */
export const serveVerb: Verb = {
  name: "serve",
  summary: "run the balancer (the default)",
  run: async (options) => (await import("./serve.ts")).serve(options),
};

const urlOption: [flags: string, description: string] = [
  "--url <url>",
  "the running server (default: CCPB_URL, else as configured)",
];
const shells = ["bash", "zsh", "fish", "powershell"];

/** All verbs, in the order of the help. */
export const verbs: readonly Verb[] = [
  serveVerb,
  {
    name: "init",
    summary: "write a commented providers.yaml; asks on a terminal",
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
    summary: "find every mistake in a configuration",
    define: (command) =>
      command
        .argument("[file]", "the configuration (default: found as serve finds it)")
        .option("--live", "ask every enabled provider for one token")
        .option("--model <model>", "the upstream model that --live asks for")
        .option("--print", "show what is in force, and where each value comes from"),
    run: async (options, command) => (await import("./check.ts")).check(command.args[0], options),
  },
  {
    name: "status",
    summary: "show the providers of a running server",
    define: (command) =>
      command
        .option("--json", "the answer of /providers")
        .option("--watch", "again every second, until Ctrl-C")
        .option(...urlOption),
    run: async (options) => (await import("./status.ts")).status(options),
  },
  {
    name: "reload",
    summary: "have a running server read its configuration again",
    define: (command) => command.option("--reset", "also close every circuit").option(...urlOption),
    run: async (options) => (await import("./reload.ts")).reload(options),
  },
  {
    name: "explain",
    summary: "show which provider takes a model, and why; of a running server, now",
    define: (command) =>
      command
        .argument("<model>", "a model as Claude Code asks for it, such as claude-opus-4-5")
        .option("--json", "as JSON")
        .option("--offline", "by the configuration alone, even where a server runs")
        .option(...urlOption),
    run: async (options, command) => (await import("./explain.ts")).explain(command.args[0] ?? "", options),
  },
  {
    name: "code",
    summary: "run Claude Code on a balancer of its own: ccpb code -- ARGUMENTS",
    define: (command) => command.argument("[arguments...]", "arguments of claude, after --"),
    run: async (options, command) => (await import("./code.ts")).code(command.args, options),
  },
  {
    name: "demo",
    summary: "watch failover and recovery with fake providers; needs no key and no configuration",
    run: async () => (await import("../demo/demo.ts")).runDemo(),
  },
  {
    name: "schema",
    summary: "print the JSON schema of providers.yaml",
    run: async () => (await import("./schema.ts")).printSchema(),
  },
  {
    name: "completion",
    summary: "print the completion script of a shell",
    define: (command) => command.addArgument(new Argument("<shell>").choices(shells)),
    run: async (_options, command) => (await import("./completion.ts")).printCompletionScript(command.args[0] ?? ""),
  },
  {
    name: "complete",
    summary: "suggest words to a completion script",
    isHidden: true,
    define: (command) => command.argument("[words...]"),
    run: async (_options, command) =>
      (await import("./completion.ts")).printSuggestions(command.parent ?? command, command.args),
  },
];

import { type Command, Option } from "commander";
import { type OptionRules, urlRule } from "./option-rules.ts";
import type { Verb } from "./verb.ts";

const urlOption: [flags: string, description: string] = [
  "--url <url>",
  "the running server (default: CCPB_URL, else as configured)",
];

const codes: NonNullable<Verb["exitCodes"]> = [
  [0, "done"],
  [1, "the server refuses: no such name, or the key may not"],
  [3, "no server answers"],
];

const rules: OptionRules = { takes: ["--config", "--host", "--port"], excludes: [urlRule] };

/** Names the options that a verb takes, beside `--reason`, `--json` and `--url`. */
interface Taken {
  readonly part?: boolean;
  readonly span?: boolean;
}

function withOptions(command: Command, { part = false, span = false }: Taken): Command {
  if (part) {
    command
      .option("--key <number>", "only this key, by its place in the configuration, from 1")
      .option("--model <model>", "only this upstream model");
  }
  if (span) command.option("--for <span>", "for 90s, 10m, 2h or 7d, 30d at most (default: until it is taken back)");
  return command
    .option("--reason <text>", "why, for the log")
    .option("--json", "the server's answer")
    .option(...urlOption);
}

/** A verb about a provider. */
function providerVerb(name: string, about: Pick<Verb, "summary" | "examples" | "exitCodes">, taken: Taken): Verb {
  return {
    name,
    group: "server",
    exitCodes: codes,
    rules,
    ...about,
    define: (command) => withOptions(command.argument("<provider>", "its name in the configuration"), taken),
    run: async (options, command) =>
      (await import("./control.ts")).control({ kind: "providers", name: command.args[0] ?? "", action: name }, options),
  };
}

/** A verb about a client or a session. */
function clientVerb(name: string, about: Pick<Verb, "summary" | "examples">, taken: Taken): Verb {
  return {
    name,
    group: "server",
    exitCodes: codes,
    rules,
    ...about,
    define: (command) =>
      withOptions(
        command
          .argument("[client]", "its name in settings.auth.clients")
          .addOption(new Option("--session <id>", "a session instead, by its id or by its mark in the log")),
        taken,
      ),
    run: async (options, command) => (await import("./control.ts")).controlClient(command.args[0], name, options),
  };
}

/** The verbs with which an operator steers a running server. */
export const controlVerbs: readonly Verb[] = [
  providerVerb(
    "disable",
    {
      summary: "take a provider, or one key or model of it, out of service; requests under way go on",
      examples: [
        ["kimi --for 2h --reason maintenance", "it comes back by itself after two hours"],
        ["kimi --key 2", "one key alone"],
        ["kimi --model kimi-k2", "one upstream model alone"],
      ],
    },
    { part: true, span: true },
  ),
  providerVerb(
    "drain",
    {
      summary: "give a provider no new sessions; those that are bound to it go on",
      examples: [["kimi", "until ccpb enable kimi"]],
    },
    { part: true, span: true },
  ),
  providerVerb(
    "enable",
    {
      summary: "take back disable and drain; of a provider, also those of its keys and models",
      examples: [
        ["kimi", "kimi, with all its keys and models"],
        ["kimi --key 2", "that key alone"],
      ],
    },
    { part: true },
  ),
  providerVerb(
    "reset",
    {
      summary: "close the circuits of a provider, after topping up its account",
      examples: [
        ["kimi", "every circuit of kimi, and what was learned of it"],
        ["kimi --key 2", "those of one key"],
      ],
    },
    { part: true },
  ),
  providerVerb(
    "test",
    {
      summary: "have the server ask a provider for one token, with each of its keys",
      examples: [["kimi", "what it answers, in its own words; its health stays as it is"]],
      exitCodes: [
        [0, "it answered"],
        [1, "it failed, or the server refuses"],
        [3, "no server answers"],
      ],
    },
    { part: true },
  ),
  clientVerb(
    "block",
    {
      summary: "refuse the requests of a client or of a session",
      examples: [
        ["alice --for 1h --reason 'runaway loop'", "alice's requests are answered with 400 for an hour"],
        ["--session 6f1c2a…", "one session alone"],
      ],
    },
    { span: true },
  ),
  clientVerb(
    "unblock",
    { summary: "serve a blocked client or session again", examples: [["alice", "alice is served again"]] },
    {},
  ),
];

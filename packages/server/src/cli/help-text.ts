import { commandName } from "../base/command-name.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { verbGroups, type Verb, type VerbExample } from "./verb.ts";

/** Exit codes of every verb, in the order of the help. A verb's own meanings come before them. */
const commonCodes: readonly (readonly [code: string, meaning: string])[] = [
  [`${exitCodes.ok}`, "it is done, or it is so"],
  [`${exitCodes.failed}`, "it failed; stderr says why"],
  [`${exitCodes.usage}`, "the configuration or the command line is wrong"],
];

const programExamples: readonly VerbExample[] = [
  ["init --provider anthropic,openrouter", "write a first providers.yaml"],
  ["check --live", "find mistakes, then ask every provider for one token"],
  ["", "run the balancer until Ctrl-C"],
  ["code", "run Claude Code on a balancer of its own"],
  ["status --watch", "see who can serve, again every second"],
  ["explain claude-opus-5", "see which provider takes a model now, and why"],
];

/** Returns what `ccpb --help` says below its options and commands: examples, and what the exit codes mean. */
export function programHelp(): string {
  const codes = [
    ...commonCodes,
    [`${exitCodes.unreachable}`, "no server answers, or no provider can serve the model now (explain)"],
    ["130, 143", "a second signal, or drain_timeout, cut requests off"],
  ] as const;
  const more = `${commandName()} help COMMAND shows the examples and exit codes of one command.`;
  return `\n${examplesText(programExamples)}\n${codesText(codes)}\n${more}\n`;
}

/** Returns what `ccpb VERB --help` says below its options. */
export function verbHelp({ name, examples = [], exitCodes: own = [] }: Verb): string {
  const meanings = new Map([...commonCodes, ...own.map(([code, meaning]) => [String(code), meaning] as const)]);
  const calls = examples.map(([call, about]): VerbExample => [`${name} ${call}`.trimEnd(), about]);
  return `${calls.length === 0 ? "" : `\n${examplesText(calls)}`}\n${codesText([...meanings])}`;
}

/** Returns the heading below which the help lists a verb. */
export function headingOf({ group }: Verb): string {
  return `${verbGroups[group]}:`;
}

function examplesText(examples: readonly VerbExample[]): string {
  const name = commandName();
  const calls = examples.map(([call, about]) => [`${name} ${call}`.trimEnd(), about] as const);
  return `Examples:\n${columns(calls)}`;
}

function codesText(codes: readonly (readonly [string, string])[]): string {
  return `Exit codes:\n${columns(codes)}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = rows.reduce((widest, [first]) => Math.max(widest, first.length), 0);
  return rows.map(([first, second]) => `  ${first.padEnd(width)}  ${second}\n`).join("");
}

import { script } from "@bomb.sh/tab";
import type { Command, Option } from "commander";
import { exitCodes } from "../base/exit-codes.ts";
import { presets } from "./presets.ts";

// Of the shell scripts' protocol: whether the shell may offer file names after what is suggested.
const withFiles = ":0";
const withoutFiles = ":4";

// Needs no bash-completion, hands words on as they are instead of evaluating them, and leaves files to the shell.
const bashScript = `# bash completion for ccpb: source <(ccpb completion bash)
_ccpb_complete() {
  local line current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  while IFS= read -r line; do
    [[ $line == :[0-9]* ]] && continue
    line=\${line%%$'\\t'*}
    [[ $line == "$current"* ]] && COMPREPLY+=("$line")
  done < <(ccpb complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _ccpb_complete ccpb
`;

/** A word to suggest, with what it means. */
interface Suggestion {
  readonly word: string;
  readonly about: string;
}

/** `ccpb completion SHELL`: the script that a shell sources. */
export function printCompletionScript(shell: string): number {
  if (shell === "bash") process.stdout.write(bashScript);
  else script(shell, "ccpb", "ccpb");
  return exitCodes.ok;
}

/** `ccpb complete -- WORDS`: what that script asks at every tab; the last word is the one to complete. */
export function printSuggestions(program: Command, words: readonly string[]): number {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const { suggestions, files } = suggest(program, before, current);
  const lines = suggestions
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, about }) => `${word}\t${about}\n`);
  process.stdout.write(`${lines.join("")}${files ? withFiles : withoutFiles}\n`);
  return exitCodes.ok;
}

interface Suggestions {
  readonly suggestions: readonly Suggestion[];
  readonly files: boolean;
}

function suggest(program: Command, before: readonly string[], current: string): Suggestions {
  const verbs = program.createHelp().visibleCommands(program);
  const verb = verbs.find((command) => before.includes(command.name()));
  const own = verb === undefined ? [] : optionsOf(verb);
  // Options of the program are understood after its verbs too.
  const options = [...own, ...optionsOf(program).filter(({ long }) => !own.some((option) => option.long === long))];
  const previous = before.at(-1);
  const asked = options.find(({ long, short }) => previous !== undefined && [long, short].includes(previous));
  if (asked !== undefined && (asked.required || asked.optional)) return valuesOf(asked);
  if (current.startsWith("-")) {
    return {
      suggestions: options.map(({ long, description }) => ({ word: long ?? "", about: description })),
      files: false,
    };
  }
  if (verb === undefined) {
    return {
      suggestions: verbs.map((command) => ({ word: command.name(), about: command.description() })),
      files: false,
    };
  }
  const [argument] = verb.registeredArguments;
  const choices = argument?.argChoices ?? [];
  return {
    suggestions: choices.map((word) => ({ word, about: "" })),
    files: argument?.name() === "file",
  };
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

function valuesOf({ long, flags, argChoices = [] }: Option): Suggestions {
  if (long === "--provider") {
    return { suggestions: presets.map(({ id, title }) => ({ word: id, about: title.en })), files: false };
  }
  return { suggestions: argChoices.map((word) => ({ word, about: "" })), files: flags.includes("<file>") };
}

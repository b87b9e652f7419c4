import { script } from "@bomb.sh/tab";
import type { Command, Option } from "commander";
import { excludedBy, type OptionRules } from "./option-rules.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { presets } from "@ccpb/core/vendors";

// Of the shell scripts' protocol: whether the shell may offer file names after what is suggested.
const withFiles = ":0";
const withoutFiles = ":4";

// Needs no bash-completion, hands words on as they are instead of evaluating them, and leaves files to the shell. Bash breaks words at colons, which names
// of models have: the words are split at blanks here, and what stands before the last colon is left out of the answer. Runs in bash 3.2, that of macOS.
const bashScript = `# bash completion for ccpb: source <(ccpb completion bash)
_ccpb_complete() {
  local line current before words
  COMPREPLY=()
  read -ra words <<< "\${COMP_LINE:0:COMP_POINT}"
  [[ \${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=("")
  current=\${words[\${#words[@]} - 1]}
  before=\${current%"\${current##*:}"}
  while IFS= read -r line; do
    [[ $line == :[0-9]* ]] && continue
    line=\${line%%$'\\t'*}
    [[ $line == "$current"* ]] && COMPREPLY+=("\${line#"$before"}")
  done < <(ccpb complete -- "\${words[@]:1}" 2>/dev/null)
}
complete -o default -F _ccpb_complete ccpb
`;

// The words are handed on as they are. A colon divides a word from its description in zsh, so those of a word are escaped.
const zshScript = `#compdef ccpb
# zsh completion for ccpb: source <(ccpb completion zsh), below compinit
_ccpb() {
  local line directive
  local -a described
  for line in "\${(@f)$(ccpb complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ $line == :<-> ]]; then
      directive=\${line#:}
    else
      described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  if (( $#described )); then
    _describe ccpb described
  elif [[ $directive == 0 ]]; then
    _files
  fi
}
if [[ $funcstack[1] == _ccpb ]]; then
  _ccpb "$@"
else
  compdef _ccpb ccpb
fi
`;

// Names by which Claude Code asks, for providers that pass names through.
const usualModels = ["claude-opus-5-5", "claude-opus-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-haiku-4-5"];

/** A word to suggest, with what it means. */
interface Suggestion {
  readonly word: string;
  readonly about: string;
}

/** `ccpb completion SHELL`: the script that a shell sources. */
export function printCompletionScript(shell: string): number {
  if (shell === "bash") process.stdout.write(bashScript);
  else if (shell === "zsh") process.stdout.write(zshScript);
  else script(shell, "ccpb", "ccpb");
  return exitCodes.ok;
}

/**
 * `ccpb complete -- WORDS`: what that script asks at every tab; the last word is the one to complete.
 *
 * @param rulesOf - Returns the rules of a verb's options by its name.
 */
export async function printSuggestions(
  program: Command,
  words: readonly string[],
  rulesOf: (verb: string) => OptionRules,
): Promise<number> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const { suggestions, files } = await suggest(program, before, current, rulesOf);
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

async function suggest(
  program: Command,
  before: readonly string[],
  current: string,
  rulesOf: (verb: string) => OptionRules,
): Promise<Suggestions> {
  const verbs = program.createHelp().visibleCommands(program);
  const verb = verbs.find((command) => before.includes(command.name()));
  const own = optionsOf(verb ?? program);
  // Options of the program are understood after its verbs too, as far as the verb reads them.
  const ofProgram = verb === undefined ? [] : verb.createHelp().visibleGlobalOptions(verb);
  const options = [...own, ...ofProgram.filter(({ long }) => !own.some((option) => option.long === long))];
  const asked = optionToComplete(options, before);
  if (asked !== undefined && !current.startsWith("-")) return valuesOf(asked, before, current);
  if (current.startsWith("-")) {
    const excluded = excludedBy(rulesOf(verb?.name() ?? ""), before);
    const left = options.filter(({ long }) => long === undefined || !excluded.has(long));
    return {
      suggestions: left.map(({ long, description }) => ({ word: long ?? "", about: description })),
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
  if (argument === undefined) return { suggestions: [], files: false };
  const names = await namesFor(argument.name(), before);
  return {
    suggestions: [...(argument.argChoices ?? []), ...names].map((word) => ({ word, about: "" })),
    files: argument.name() === "file",
  };
}

/** The option whose value the current word is: the word before names it, or it takes several values and all words since are values. */
function optionToComplete(options: readonly Option[], before: readonly string[]): Option | undefined {
  const place = before.findLastIndex((word) => word.startsWith("-"));
  const option = options.find(
    ({ long, short }) => before[place] !== undefined && [long, short].includes(before[place]),
  );
  if (option === undefined || !(option.required || option.optional)) return undefined;
  return option.variadic || place === before.length - 1 ? option : undefined;
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

async function valuesOf(
  { long, flags, argChoices = [] }: Option,
  before: readonly string[],
  current: string,
): Promise<Suggestions> {
  if (long === "--provider") return { suggestions: presetsAfter(current), files: false };
  const kind = /<([a-z]+)/.exec(flags)?.[1] ?? "";
  const names = await namesFor(kind, before);
  return { suggestions: [...argChoices, ...names].map((word) => ({ word, about: "" })), files: kind === "file" };
}

/** The presets of `init --provider`; behind a comma those that the list does not have yet. */
function presetsAfter(current: string): readonly Suggestion[] {
  const listed = current.split(",").slice(0, -1);
  const start = listed.map((id) => `${id},`).join("");
  return presets
    .filter(({ id }) => !listed.includes(id))
    .map(({ id, title }) => ({ word: `${start}${id}`, about: title.en }));
}

/** The providers, models or clients of the configuration, for arguments and values of that name. */
async function namesFor(kind: string, before: readonly string[]): Promise<readonly string[]> {
  if (kind !== "model" && kind !== "provider" && kind !== "client") return [];
  const { readConfigNames } = await import("./config-names.ts");
  const place = before.findLastIndex((word) => word === "--config" || word === "-c");
  const { providers, models, clients } = readConfigNames(place === -1 ? undefined : before[place + 1]);
  if (kind === "client") return clients;
  return kind === "provider" ? providers : [...new Set([...models, ...usualModels])];
}

import { RootCommand, script, type Command as CompletionCommand } from "@bomb.sh/tab";
import type { Command } from "commander";
import { exitCodes } from "./exit-codes.ts";

/** `ccpb completion SHELL`: the script that a shell sources. */
export function printCompletionScript(shell: string): number {
  script(shell, "ccpb", "ccpb");
  return exitCodes.ok;
}

/** `ccpb complete -- WORDS`: what that script asks at every tab; the last word is the one to complete. */
export function printSuggestions(program: Command, words: readonly string[]): number {
  const root = new RootCommand();
  addTo(root, program);
  for (const command of program.createHelp().visibleCommands(program)) {
    addTo(root.command(command.name(), command.description()), command);
    // Options of the program are understood after its verbs too.
    const target = root.commands.get(command.name());
    if (target !== undefined) addOptions(target, program);
  }
  root.parse([...words]);
  return exitCodes.ok;
}

function addTo(target: CompletionCommand, command: Command): void {
  addOptions(target, command);
  for (const argument of command.registeredArguments) {
    const { argChoices: choices = [] } = argument;
    target.argument(
      argument.name(),
      (complete) => {
        for (const choice of choices) complete(choice, "");
      },
      argument.variadic,
    );
  }
}

function addOptions(target: CompletionCommand, command: Command): void {
  for (const { long, short, description, required, optional, argChoices } of command
    .createHelp()
    .visibleOptions(command)) {
    const name = long?.slice(2);
    if (name === undefined) continue;
    const alias = short?.slice(1);
    const takesValue = required || optional;
    if (!takesValue) target.option(name, description, alias);
    else {
      const suggest = (complete: (value: string, description: string) => void): void => {
        for (const choice of argChoices ?? []) complete(choice, "");
      };
      target.option(name, description, suggest, alias);
    }
  }
}

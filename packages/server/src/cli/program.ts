import { Command, CommanderError, Help, type Option } from "commander";
import { commandName } from "../base/command-name.ts";
import { version } from "../base/version.ts";
import { headingOf, programHelp, verbHelp } from "./help-text.ts";
import { findIdleOption, isTakenOption } from "./option-rules.ts";
import type { Verb } from "./verb.ts";
import { serveVerb, verbs } from "./verbs.ts";

/** Runs a verb whose arguments and options were read. */
export type RunVerb = (verb: Verb, command: Command) => Promise<void>;

/**
 * Returns the command line of `ccpb`: its options, its verbs and their help.
 *
 * @param run - Called with the verb that the arguments name, `serve` where they name none. The command holds the verb's arguments and options.
 * @returns The program. Its `parseAsync` throws a `CommanderError` for arguments and options that it does not have.
 */
export function createProgram(run: RunVerb): Command {
  const program = new Command(commandName())
    .description("Claude Code Provider Balancer")
    .version(version, "-v, --version", "print the version")
    .option("-c, --config <file>", "configuration file (default: providers.yaml here, or above within a project)")
    .option("--host <host>", "address to listen on, instead of settings.host")
    .option("--port <port>", "port to listen on, instead of settings.port; 0 takes a free one")
    .option("--workers <count>", "processes that serve, instead of settings.workers: a number, or auto")
    .configureHelp({ showGlobalOptions: true, visibleGlobalOptions })
    .helpCommand(true)
    // Of `help` itself, the one command that is no verb.
    .commandsGroup("Shell and editor:")
    .showHelpAfterError(`(${commandName()} --help shows what there is)`)
    .addHelpText("after", programHelp)
    .exitOverride()
    // A word that is no verb is an unknown command, not an argument too many: the root action says so itself.
    .allowExcessArguments(true);
  program.action(async () => {
    if (program.args.length > 0) unknownCommand(program);
    await run(serveVerb, program);
  });
  for (const verb of verbs) {
    const command = program.command(verb.name, { hidden: verb.isHidden === true }).description(verb.summary);
    command
      .helpGroup(headingOf(verb))
      .addHelpText("after", () => verbHelp(verb))
      .allowExcessArguments(false)
      .exitOverride();
    (verb.define?.(command) ?? command).action(() => {
      const message = findIdleOption(verb.rules, command);
      if (message !== undefined) command.error(`error: ${message}`, { code: "commander.conflictingOption" });
      return run(verb, command);
    });
  }
  return program;
}

/** Returns the options of the program that the help of a verb shows: those that the verb reads. */
function visibleGlobalOptions(this: Help, command: Command): Option[] {
  const options = Help.prototype.visibleGlobalOptions.call(this, command);
  const verb = verbs.find(({ name }) => name === command.name());
  return verb === undefined ? options : options.filter((option) => isTakenOption(option, verb.rules));
}

function unknownCommand(program: Command): never {
  // commander keeps it out of its types, but it is what its own parser calls; it knows the similar names.
  (program as Command & { unknownCommand(): void }).unknownCommand();
  throw new CommanderError(1, "commander.unknownCommand", "unknown command");
}

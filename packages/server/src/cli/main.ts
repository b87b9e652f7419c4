import { Command, CommanderError } from "commander";
import { version } from "../base/version.ts";
import { commandName } from "../base/command-name.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { closeLostTerminals, OutputGuard } from "./output-guard.ts";
import { headingOf, programHelp, verbHelp } from "./help-text.ts";
import type { CommonOptions } from "./common-options.ts";
import type { Verb } from "./verb.ts";
import { serveVerb, verbs } from "./verbs.ts";

/** Runs `ccpb` with the arguments of the process and sets its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const outputs = new OutputGuard();
  // A verb that has ended with a code ends with another one where its output is incomplete; a server goes on.
  const onFailure = (): void => {
    if (process.exitCode !== undefined) process.exitCode = exitCodes.failed;
  };
  closeLostTerminals();
  for (const stream of [process.stdout, process.stderr]) outputs.watch(stream, onFailure);
  try {
    await createProgram().parseAsync([...argv]);
    if (outputs.hasFailed) onFailure();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
      return;
    }
    process.exitCode = (await import("./report-failure.ts")).reportFailure(error);
  }
}

function createProgram(): Command {
  const program = new Command(commandName())
    .description("Claude Code Provider Balancer")
    .version(version, "-v, --version", "print the version")
    .option("-c, --config <file>", "configuration file (default: providers.yaml, found upwards from here)")
    .option("--host <host>", "address to listen on, instead of settings.host")
    .option("--port <port>", "port to listen on, instead of settings.port; 0 takes a free one")
    .option("--workers <count>", "processes that serve, instead of settings.workers: a number, or auto")
    .configureHelp({ showGlobalOptions: true })
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
    (verb.define?.(command) ?? command).action(() => run(verb, command));
  }
  return program;
}

async function run(verb: Verb, command: Command): Promise<void> {
  const code = await verb.run(command.optsWithGlobals<CommonOptions>(), command);
  if (code !== undefined) process.exitCode = code;
}

function unknownCommand(program: Command): never {
  // commander keeps it out of its types, but it is what its own parser calls; it knows the similar names.
  (program as Command & { unknownCommand(): void }).unknownCommand();
  throw new CommanderError(1, "commander.unknownCommand", "unknown command");
}

import { CommanderError, type Command } from "commander";
import { exitCodes } from "../base/exit-codes.ts";
import { closeLostTerminals, OutputGuard } from "./output-guard.ts";
import type { CommonOptions } from "./common-options.ts";
import { createProgram } from "./program.ts";
import type { Verb } from "./verb.ts";

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
    await createProgram(run).parseAsync([...argv]);
    if (outputs.hasFailed) onFailure();
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
      return;
    }
    process.exitCode = (await import("./report-failure.ts")).reportFailure(error);
  }
}

async function run(verb: Verb, command: Command): Promise<void> {
  const code = await verb.run(command.optsWithGlobals<CommonOptions>(), command);
  if (code !== undefined) process.exitCode = code;
}

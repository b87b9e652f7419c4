import { WorkerProgram } from "./worker.ts";

// The program of a worker process: `ccpb serve` forks it. Everything it needs is loaded before it says hello, because messages then arrive in order.
const [, , command, ...flags] = process.argv;
// Makes this the command of the primary: packages are found beside it, and hints name it.
if (command !== undefined && command !== "") process.argv[1] = command;
const isPretty = flags.includes("--pretty");
const prettify = isPretty ? (await import("../log/pretty-lines.ts")).createPrettifier : undefined;
new WorkerProgram(prettify).run();

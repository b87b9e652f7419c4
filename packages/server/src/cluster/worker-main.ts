import { WorkerProgram } from "./worker.ts";

// The program of a worker process: `ccpb serve` forks it. What it needs is there before it says hello, since what it hears then comes in order.
const isPretty = process.argv.includes("--pretty");
const prettify = isPretty ? (await import("../log/pretty-lines.ts")).createPrettifier : undefined;
new WorkerProgram(prettify).run();

import { WorkerProgram } from "./worker.ts";

// The program of a worker process: `ccpb serve` forks it. Everything it needs is loaded before it says hello, because messages then arrive in order.
const isPretty = process.argv.includes("--pretty");
const prettify = isPretty ? (await import("../log/pretty-lines.ts")).createPrettifier : undefined;
new WorkerProgram(prettify).run();

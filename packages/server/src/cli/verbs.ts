import type { Command } from "commander";

/** Options that every verb has. */
export interface CommonOptions {
  readonly config?: string;
  readonly host?: string;
  readonly port?: string;
}

/** A verb of the command line. Its file is imported when it runs, so that no verb pays for another. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** Adds the verb's own arguments and options. */
  readonly define?: (command: Command) => Command;
  /** Runs it; answers the exit code, or undefined where the process is to live on. */
  run(options: CommonOptions, command: Command): Promise<number | undefined>;
}

/** Runs the server: the verb that is meant where none is named. */
export const serveVerb: Verb = {
  name: "serve",
  summary: "run the balancer (the default)",
  run: async (options) => (await import("./serve.ts")).serve(options),
};

/** All verbs, in the order of the help. */
export const verbs: readonly Verb[] = [
  serveVerb,
  {
    name: "demo",
    summary: "watch failover and recovery with fake providers; needs no key and no configuration",
    run: async () => (await import("../demo.ts")).runDemo(),
  },
];

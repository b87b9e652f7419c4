import type { Command } from "commander";
import type { CommonOptions } from "./common-options.ts";
import type { OptionRules } from "./option-rules.ts";

/** The groups of verbs in the help, in its order, with their headings. */
export const verbGroups = {
  run: "Run",
  configure: "Configure",
  server: "Look at a running server, and steer it",
  shell: "Shell and editor",
} as const;

/** An example of the help: what comes after the command's name (for a verb: after the verb's), and what it does. */
export type VerbExample = readonly [call: string, about: string];

/** A verb of the command line. Its file is imported when it runs, so that no verb pays for another. */
export interface Verb {
  readonly name: string;
  readonly group: keyof typeof verbGroups;
  readonly summary: string;
  /** Left out of the help. */
  readonly isHidden?: boolean;
  readonly examples?: readonly VerbExample[];
  /** Meanings of the verb's exit codes beyond the common ones of 0, 1 and 2. */
  readonly exitCodes?: readonly (readonly [code: number | string, meaning: string])[];
  /** Says which options of the program the verb reads, and which of its options do not go together. */
  readonly rules: OptionRules;
  /** Adds the verb's own arguments and options. */
  readonly define?: (command: Command) => Command;
  /** Runs it; answers the exit code, or undefined where the process is to live on. */
  run(options: CommonOptions, command: Command): Promise<number | undefined>;
}

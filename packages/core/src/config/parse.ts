import type { BalancerConfig } from "../config-types.ts";
import type { ConfigProblem } from "./problem.ts";
import type { ServerSettingsDocument } from "./server-document.ts";

/** A setting from outside the document, which wins over it. `source` names it in messages, such as `CCPB_PORT` or `--port`. */
export interface ConfigOverride {
  readonly value: unknown;
  readonly source: string;
}

export interface ParseConfigOptions {
  /** Environment variables for `${NAME}` in the document. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** By key of `settings`, such as `port`. */
  readonly overrides?: Readonly<Record<string, ConfigOverride>>;
}

export type ParseConfigResult =
  | {
      readonly ok: true;
      readonly config: BalancerConfig;
      readonly server: ServerSettingsDocument;
      readonly warnings: readonly ConfigProblem[];
    }
  /** At least one problem is an error; warnings are among them. */
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/** Checks a document in the file format (snake_case, seconds) and turns it into configuration (camelCase, milliseconds); finds every problem at once. */
export declare function parseConfig(document: unknown, options: ParseConfigOptions): ParseConfigResult;

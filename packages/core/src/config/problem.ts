/** Keys and list indexes from the top of the document to a value, such as `["providers", 0, "base_url"]`. */
export type ConfigPath = readonly (string | number)[];

/**
 * Something wrong with, or odd about, a configuration. Plain data; `message` says what is wrong and what to write instead, in one line, and
 * never holds a secret.
 */
export interface ConfigProblem {
  readonly path: ConfigPath;
  /** What of `path` is meant: its key, its value, or, for `missing`, the place where it should stand. */
  readonly target: "key" | "value" | "missing";
  readonly message: string;
  readonly severity: "error" | "warning";
  /** Where the value came from if not from the document: the `source` of an override. */
  readonly source?: string;
  /** Another place that the message speaks of, such as the first use of a name. */
  readonly related?: ConfigPath;
}

/** A problem that makes the configuration unusable. */
export function errorAt(path: ConfigPath, target: ConfigProblem["target"], message: string): ConfigProblem {
  return { path, target, message, severity: "error" };
}

/** A problem that a configuration can live with. */
export function warningAt(path: ConfigPath, target: ConfigProblem["target"], message: string): ConfigProblem {
  return { path, target, message, severity: "warning" };
}

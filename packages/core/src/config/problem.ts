/** Keys and list indexes from the top of the document to a value, such as `["providers", 0, "base_url"]`. */
export type ConfigPath = readonly (string | number)[];

/** Problem of a configuration, as plain data without secrets. */
export interface ConfigProblem {
  /** Keys and indices that lead to the place, from the root of the document. */
  readonly path: ConfigPath;
  /** Part of the place: its key, its value, or, for `missing`, the place where the key should stand. */
  readonly target: "key" | "value" | "missing";
  /** Sentence that says what is wrong and what to write instead, in one line. */
  readonly message: string;
  /** `error`: the configuration cannot be used. `warning`: it can. */
  readonly severity: "error" | "warning";
  /** Source of the value, if it is not the document: the `source` of an override. */
  readonly source?: string;
  /** Second place that the message names, such as the first use of a name. */
  readonly related?: ConfigPath;
}

/** Returns a problem that makes the configuration unusable. */
export function errorAt(path: ConfigPath, target: ConfigProblem["target"], message: string): ConfigProblem {
  return { path, target, message, severity: "error" };
}

/** Returns a problem that a configuration can live with. */
export function warningAt(path: ConfigPath, target: ConfigProblem["target"], message: string): ConfigProblem {
  return { path, target, message, severity: "warning" };
}

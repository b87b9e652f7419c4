export type Json = Readonly<Record<string, unknown>>;

/** Returns the objects of a list; nothing where there is no list. */
export function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Returns the first complaint, if there is any. */
export function firstOf(checks: Iterable<string | undefined>): string | undefined {
  for (const complaint of checks) if (complaint !== undefined) return complaint;
  return undefined;
}

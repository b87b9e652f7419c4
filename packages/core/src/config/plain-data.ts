import type { ConfigPath } from "./problem.ts";

/** A section of a document: a mapping from keys to anything. */
export type Section = Readonly<Record<string, unknown>>;

/** Decides whether a value is a mapping of keys, not a list, a date or an instance of a class. */
export function isSection(value: unknown): value is Section {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Finds the value at `path`; undefined if there is none. */
export function valueAt(document: unknown, path: ConfigPath): unknown {
  let value = document;
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** Returns the path as one string, to be the key of a map. */
export function pathKey(path: ConfigPath): string {
  return JSON.stringify(path);
}

/** Returns an object with the one member, or without it where the value is undefined. */
export function defined<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  // A computed key widens to string.
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}

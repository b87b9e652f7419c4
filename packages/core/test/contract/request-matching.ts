/** One row of the case table: a request, what differs in the profile, and what the translation has to hold. */
export interface RequestCase {
  readonly id: string;
  readonly title: string;
  readonly profile: Readonly<Record<string, unknown>> & { readonly model?: string };
  readonly in: Readonly<Record<string, unknown>>;
  readonly out: Readonly<Record<string, unknown>> | null;
  readonly warnings?: readonly string[];
}

/** Where `actual` differs from the expectation of the table; empty where it does not. Objects are compared by the members that are expected. */
export function mismatches(actual: unknown, expected: unknown, path: string): readonly string[] {
  if (expected === "__absent__") return actual === undefined ? [] : [`${path} should be absent, is ${show(actual)}`];
  if (typeof expected === "string")
    return matchesText(actual, expected) ? [] : [`${path} is ${show(actual)}, not ${expected}`];
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path} should be an array, is ${show(actual)}`];
    const length =
      actual.length === expected.length
        ? []
        : [`${path} has ${actual.length} members, not ${expected.length}: ${show(actual)}`];
    return [...length, ...expected.flatMap((member, index) => mismatches(actual[index], member, `${path}.${index}`))];
  }
  if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null) return [`${path} should be an object, is ${show(actual)}`];
    const members = new Map(Object.entries(actual));
    return Object.entries(expected).flatMap(([key, value]) => mismatches(members.get(key), value, `${path}.${key}`));
  }
  return Object.is(actual, expected) ? [] : [`${path} is ${show(actual)}, not ${show(expected)}`];
}

function matchesText(actual: unknown, expected: string): boolean {
  if (typeof actual !== "string") return false;
  const pattern = /^(?:<= 64 chars, )?\/(.*)\/$/s.exec(expected)?.[1];
  if (pattern !== undefined) return new RegExp(pattern).test(actual) && actual.length <= 64;
  if (!expected.includes("…")) return actual === expected;
  const parts = expected.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "s").test(actual);
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 300) ?? "undefined";
}

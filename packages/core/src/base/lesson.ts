/**
 * Holds what a refusal taught about one model of a provider, as plain JSON: the members of the profile to change, with their new values.
 *
 * @example
 * { id: "mid-system", profile: { midSystem: "user" } }
 */
export interface Lesson {
  /** The row of the table of refusals, and where one row teaches several lessons, the member or keyword in question: `member:store`. */
  readonly id: string;
  /** The members of `Profile`, or of `NativeProfile` at an anthropic provider, by their names in TypeScript. Lists add to what is there. */
  readonly profile: Readonly<Record<string, unknown>>;
}

/** Returns the id of a lesson: the row of the table of refusals, and what it changes. */
export function lessonId(row: string, profile: Lesson["profile"]): string {
  const values = Object.entries(profile).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `${row}:${values.join(",").slice(0, 200)}`;
}

/** Returns the row of the table of refusals that a lesson is of, such as `mid-system`. */
export function rowOf({ id }: Lesson): string {
  return id.split(":", 1)[0] ?? id;
}

/** The members of a profile to which a lesson adds: all others it replaces. */
const additive: ReadonlySet<string> = new Set(["omit", "omitSchema", "omitBetas"]);

/**
 * Returns the members that `lessons` change, over the profile that holds without them.
 *
 * @param base - the profile without lessons: lists of it stay.
 * @param lessons - the oldest first: of two that change one member the later counts.
 */
export function lessonProfile(base: object, lessons: readonly Lesson[]): Readonly<Record<string, unknown>> {
  const known = new Map<string, unknown>(Object.entries(base));
  const changed = new Map<string, unknown>();
  for (const { profile } of lessons) {
    for (const [name, value] of Object.entries(profile)) {
      changed.set(name, additive.has(name) ? joined(changed.get(name) ?? known.get(name), value) : value);
    }
  }
  return Object.fromEntries(changed);
}

function joined(one: unknown, other: unknown): readonly unknown[] {
  const lists = [one, other].filter((list) => Array.isArray(list));
  return [...new Set<unknown>(lists.flat())];
}

const bareWord = /^(?!(?:true|false|null|yes|no|on|off|y|n)$)[A-Za-z_][\w-]*$/i;

/**
 * Returns the line of `providers.yaml` that makes lessons permanent.
 *
 * @param profile - result of `lessonProfile`.
 * @returns a line such as `profile: { mid_system: user, omit: [store] }`.
 */
export function profileLine(profile: Readonly<Record<string, unknown>>): string {
  const members = Object.entries(profile).map(([name, value]) => `${snakeCase(name)}: ${yamlValue(value)}`);
  return `profile: { ${members.join(", ")} }`;
}

function yamlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlValue).join(", ")}]`;
  if (typeof value === "string") return bareWord.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

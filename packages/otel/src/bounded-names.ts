/** Stands for every further name. */
export const otherName = "_OTHER";

/** Keeps the number of different values of a metric's attribute bounded: clients choose names of models. */
export class BoundedNames {
  readonly #limit: number;
  readonly #known = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns the name, or `_OTHER` once there are too many different ones. */
  of(name: string): string {
    if (this.#known.has(name)) return name;
    if (this.#known.size >= this.#limit || name.length > 200) return otherName;
    this.#known.add(name);
    return name;
  }
}

import type { TranslationWarning } from "../context.ts";

// A client could write a hundred thousand names that each deserve a warning.
const maxWarnings = 100;

/** The warnings of one translation; the same remark is kept once, with its first place. Behind the first 100 a last one says that there are more. */
export class WarningList {
  readonly #warnings = new Map<string, TranslationWarning>();
  #hasMore = false;

  add(code: string, message: string, path?: string): void {
    if (this.#warnings.has(message)) return;
    if (this.#warnings.size < maxWarnings)
      this.#warnings.set(message, { code, message, ...(path !== undefined && { path }) });
    else this.#hasMore = true;
  }

  get all(): readonly TranslationWarning[] {
    const warnings = [...this.#warnings.values()];
    return this.#hasMore ? [...warnings, moreWarnings] : warnings;
  }
}

const moreWarnings: TranslationWarning = {
  code: "more_warnings",
  message: `more than ${maxWarnings} warnings, the others are left out`,
};

/** Returns a foreign name as it may stand in a warning: short, and of harmless characters. */
export function printableName(name: unknown): string {
  if (typeof name !== "string" || name === "") return "without a name";
  const clean = name.slice(0, 64).replaceAll(/[^\w.:/-]+/g, "_");
  return name.length > 64 ? `${clean}…` : clean;
}

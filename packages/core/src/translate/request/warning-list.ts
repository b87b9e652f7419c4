import type { TranslationWarning } from "../context.ts";

/** The warnings of one translation; the same remark is kept once, with its first place. */
export class WarningList {
  readonly #warnings = new Map<string, TranslationWarning>();

  add(code: string, message: string, path?: string): void {
    if (!this.#warnings.has(message))
      this.#warnings.set(message, { code, message, ...(path !== undefined && { path }) });
  }

  get all(): readonly TranslationWarning[] {
    return [...this.#warnings.values()];
  }
}

/** A foreign name as it may stand in a warning: short, and of harmless characters. */
export function printableName(name: unknown): string {
  if (typeof name !== "string" || name === "") return "without a name";
  const clean = name.slice(0, 64).replaceAll(/[^\w.:/-]+/g, "_");
  return name.length > 64 ? `${clean}…` : clean;
}

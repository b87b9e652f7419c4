import type { ProviderPreset } from "./guide.ts";
import { guides } from "./vendors.ts";

/**
 * Date (`YYYY-MM-DD`) of the last comparison of the presets' model names with the lists of vendors and third parties.
 *
 * @example
 * ```ts
 * const ageMs = Date.now() - Date.parse(presetsCheckedOn);
 * console.log(Number.isFinite(ageMs)); // true
 * ```
 */
export const presetsCheckedOn = "2026-11-29";

/**
 * All presets, in the order in which they are offered.
 *
 * @example
 * ```ts
 * console.log(presets.every(({ id }) => presetById(id) !== undefined)); // true
 * ```
 */
export const presets: readonly ProviderPreset[] = guides.flatMap((guide) => guide.presets ?? []);

/**
 * Finds the preset of an id.
 *
 * @param id - id, such as `openrouter`.
 * @returns the preset; undefined if there is none.
 * @example
 * ```ts
 * console.log(presetById("no-such-vendor")); // undefined
 * ```
 */
export function presetById(id: string): ProviderPreset | undefined {
  return presets.find((preset) => preset.id === id);
}

/**
 * Lists the environment variables that a preset needs: those of its address, and those of its keys unless it works
 * without.
 *
 * @param preset - preset of `presets`.
 * @returns the names, without duplicates.
 * @example
 * ```ts
 * const [preset] = presets;
 * if (preset) console.log(presetVariables(preset).every((name) => /^[A-Z_]+$/.test(name))); // true
 * ```
 */
export function presetVariables({ baseUrl, keys, isOptional, more = [] }: ProviderPreset): readonly string[] {
  const ofAddress = [...[baseUrl, ...more].join(" ").matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name = ""]) => name);
  return [...new Set([...ofAddress, ...(isOptional === true ? [] : keys)])];
}

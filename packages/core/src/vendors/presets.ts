import type { ProviderPreset } from "./guide.ts";
import { guides } from "./vendors.ts";

/** Date of the last comparison of the presets' model names with the lists of vendors and third parties. */
export const presetsCheckedOn = "2026-11-29";

/** All presets, in the order in which they are offered. */
export const presets: readonly ProviderPreset[] = guides.flatMap((guide) => guide.presets ?? []);

/** Returns the preset of an id; undefined where there is none. */
export function presetById(id: string): ProviderPreset | undefined {
  return presets.find((preset) => preset.id === id);
}

/** Returns the environment variables that a preset needs: of its address, and of its keys unless it works without. */
export function presetVariables({ baseUrl, keys, isOptional, more = [] }: ProviderPreset): readonly string[] {
  const ofAddress = [...[baseUrl, ...more].join(" ").matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name = ""]) => name);
  return [...new Set([...ofAddress, ...(isOptional === true ? [] : keys)])];
}

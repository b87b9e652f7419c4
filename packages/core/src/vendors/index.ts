export type { ProviderPreset, Words } from "./guide.ts";
export { presetById, presets, presetsCheckedOn, presetVariables } from "./presets.ts";

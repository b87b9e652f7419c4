export { parseConfig, type ConfigOverride, type ParseConfigOptions, type ParseConfigResult } from "./parse.ts";
export type { ConfigPath, ConfigProblem } from "./problem.ts";
export type { ExemptPath, LogLevel, ServerSettingsDocument } from "./server-document.ts";

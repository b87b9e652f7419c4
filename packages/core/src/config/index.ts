export type * from "./document-types.ts";
export { configJsonSchema } from "./json-schema.ts";
export { parseConfig, type ParseConfigResult } from "./parse.ts";
export type { ConfigOverride, ParseConfigOptions } from "./prepare.ts";
export type { ConfigPath, ConfigProblem } from "./problem.ts";
export type {
  BudgetSettings,
  ClientRole,
  ClientSettings,
  ExemptPath,
  LogLevel,
  ServerSettingsDocument,
  WebhookSettings,
} from "./server-document.ts";

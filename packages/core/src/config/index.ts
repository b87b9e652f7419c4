export { matchesGlob } from "../base/glob.ts";
export { isFormatKey, mayShow, mayShowKey, mayShowUnder } from "./disclosure.ts";
export type * from "./document-types.ts";
export { configJsonSchema } from "./json-schema.ts";
export { parseConfig, type ParseConfigResult } from "./parse.ts";
export type { ConfigOverride, ParseConfigOptions } from "./prepare.ts";
export type { ConfigPath, ConfigProblem } from "./problem.ts";
export { proxyFault } from "./proxy-fault.ts";
export { looksLikeSecret } from "./quote.ts";
export { isSecretKey, isSecretPath } from "./secrets.ts";
export type {
  BudgetSettings,
  ClientRole,
  ClientSettings,
  ExemptPath,
  LogLevel,
  ServerSettingsDocument,
  WebhookSettings,
} from "./server-document.ts";
export { type SettingInForce, settingsInForce } from "./settings-in-force.ts";
export { defaultServerDocument } from "./server-settings.ts";
export { writeTimeouts } from "./timeouts-schema.ts";
export { profileLine } from "../base/lesson.ts";

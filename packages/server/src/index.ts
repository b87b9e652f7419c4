export { createServer, defaultServerSettings, type CcpbServer, type CreateServerOptions } from "./app/create-server.ts";
export { startServer, type RunningServer, type StartServerOptions } from "./app/start-server.ts";
export type { LoadConfigOptions, LoadedConfig } from "./config/config-file.ts";
export { ConfigError, renderProblems, type LocatedProblem } from "./config/problems.ts";
export type { ProblemView, ReloadResult } from "./config/config-reload.ts";
export type { Log, LogData, LogEvent } from "./log/log-types.ts";
export type { ServerSettings } from "./config/server-settings.ts";
export { createHttpTransport, type HttpTransport, type HttpTransportOptions } from "./transport/transport.ts";

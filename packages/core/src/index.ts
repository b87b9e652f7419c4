export { systemClock, type Clock } from "./clock.ts";
export { CcpbError, type AnthropicErrorType, type CcpbErrorCode, type CcpbErrorOptions } from "./errors.ts";
export type * from "./events.ts";
export { defaultSettings } from "./config-types.ts";
export type * from "./config-types.ts";
export type * from "./policy/outcome.ts";
export {
  TransportError,
  type Transport,
  type TransportOptions,
  type UpstreamReply,
  type UpstreamRequest,
} from "./upstream/types.ts";

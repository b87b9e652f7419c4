export { Balancer, type BalancerOptions } from "./balancer.ts";
export { Cancellation, type CancelSignal } from "./cancellation.ts";
export type { Attempt, AttemptDeadlines, Call, CallContext, ForwardedAnswer } from "./call-types.ts";
export { systemClock, type Clock } from "./clock.ts";
export { defaultSettings } from "./config-types.ts";
export type * from "./config-types.ts";
export { countTokens, type CountTokensOptions } from "./count-tokens.ts";
export { CcpbError, type AnthropicErrorType, type CcpbErrorCode, type CcpbErrorOptions } from "./errors.ts";
export type * from "./events.ts";
export type { ExplainedCandidate, Explanation } from "./explain.ts";
export { createFetch, type Fetch, fetchTransport, toResponse } from "./fetch.ts";
export { mergeShared, type SharedCircuit, type SharedOpening } from "./health/merge.ts";
export { saidByProvider } from "./health/takeover.ts";
export { type HealthChange, type HealthReplica, parseHealthChange } from "./health/replica.ts";
export type { CircuitScope } from "./health/scope.ts";
export type { HealthSnapshot } from "./health/table.ts";
export type { AttemptFacts } from "./policy/attempt-facts.ts";
export type { Failure, FailureSource } from "./failures/failure.ts";
export { classify } from "./policy/classify.ts";
export type * from "./policy/outcome.ts";
export type { MessagesRequest } from "./protocol/anthropic.ts";
export type { ReloadSummary } from "./reload.ts";
export { errorReply } from "./reply/error-body.ts";
export type { ReplyReader } from "./reply/reader.ts";
export type { BodyFlow, ByteSink, Reply, ReplyStream } from "./reply/reply.ts";
export { type HttpRequest, respond, type RespondOptions } from "./respond.ts";
export { send, type SendOptions } from "./send.ts";
export { sendWithEarlyHeaders, type EarlyHeadersOptions } from "./early-headers.ts";
export type * from "./status-types.ts";
export type { RawRequest } from "./upstream/client-request.ts";
export {
  type ChunkTaker,
  type PullableBody,
  TransportError,
  type Transport,
  type TransportOptions,
  type UpstreamReply,
  type UpstreamRequest,
} from "./upstream/types.ts";

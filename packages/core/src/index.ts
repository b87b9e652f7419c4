export {
  type Authorize,
  type AuthorizeOptions,
  type AuthorizeRequest,
  CredentialError,
  type CredentialSource,
} from "./base/authorize.ts";
export type { DialectName } from "./base/dialect-name.ts";
export { Balancer } from "./balancer/balancer.ts";
export type { BalancerOptions } from "./balancer/balancer-options.ts";
export { Cancellation, type CancelSignal } from "./base/cancellation.ts";
export type { Attempt, AttemptDeadlines, Call, CallContext } from "./call/call-types.ts";
export type { TracedAttempt } from "./call/trace-context.ts";
export { AttemptTimers, type DeadlinePassed } from "./delivery/attempt-timers.ts";
export { takeTurn } from "./delivery/take-turn.ts";
export type { ForwardedAnswer } from "./base/forwarded-answer.ts";
export { systemClock, type Clock } from "./base/clock.ts";
export { defaultSettings } from "./base/config-types.ts";
export type {
  BalancerConfig,
  BalancerSettings,
  ErrorRule,
  InferenceProfile,
  ModelRoute,
  ModelRouteCandidate,
  ModelRule,
  ProviderAuth,
  ProviderConfig,
  ProviderType,
  SelectionStrategy,
  StreamFailureMode,
  TimeoutsMs,
} from "./base/config-types.ts";
export { countTokens, type CountTokensOptions } from "./skins/count-tokens.ts";
export { CcpbError, type AnthropicErrorType, type CcpbErrorCode, type CcpbErrorOptions } from "./base/errors.ts";
export type {
  AttemptTrace,
  BalancerEvents,
  CallLimit,
  CallTrace,
  CircuitChange,
  ProfileLearned,
  TerminalState,
  TokenUsage,
} from "./base/events.ts";
export type { ExplainedCandidate, Explanation } from "./balancer/explain.ts";
export {
  createFetch,
  type CreateFetchOptions,
  type Fetch,
  fetchTransport,
  toReadableStream,
  toResponse,
} from "./skins/fetch.ts";
export {
  type ListedModel,
  type ModelEntry,
  type ModelSources,
  type ModelsPage,
  modelsPage,
  modelsView,
} from "./skins/models.ts";
export { mergeShared, type SharedCircuit, type SharedOpening } from "./health/merge.ts";
export { mergeLessons, type SharedLesson } from "./health/shared-lessons.ts";
export { mergeQuotas } from "./health/shared-quotas.ts";
export { saidByProvider } from "./health/takeover.ts";
export { type HealthChange, type HealthReplica, parseHealthChange } from "./health/replica.ts";
export type { ScanBody } from "./bytes/scan-body.ts";
export type { CircuitScope } from "./base/scope.ts";
export type { HoldOrder, HoldScope, HoldType } from "./health/holds.ts";
export type { HealthSnapshot } from "./health/table-types.ts";
export type { AttemptFacts } from "./policy/attempt-facts.ts";
export type { Failure, FailureSource } from "./failures/failure.ts";
export { classify } from "./policy/classify.ts";
export type {
  Charge,
  Cooldown,
  DeadlinePhase,
  HeaderMap,
  HealthScope,
  Judgement,
  Outcome,
  PassedOver,
  Reason,
  ReasonClass,
  RetryChange,
  StreamFailure,
  Suspect,
  UpstreamErrorText,
  Verdict,
} from "./base/outcome.ts";
export type { MessagesRequest } from "./protocol/anthropic.ts";
export type { ReloadSummary } from "./balancer/reload.ts";
export { errorReply } from "./dialects/write-error.ts";
export type { ReplyReader } from "./dialects/reader.ts";
export type { Reply } from "./base/reply.ts";
export { clientPaths, type ClientPath } from "./dialects/client-apis.ts";
export { dialectOfPath } from "./skins/doors.ts";
export { type HttpRequest, respond, type RespondOptions } from "./skins/respond.ts";
export { send, type SendOptions } from "./skins/send.ts";
export { sendWithEarlyHeaders, type EarlyHeadersOptions } from "./skins/early-headers.ts";
export type {
  BalancerStatus,
  CircuitStateName,
  CircuitStatus,
  HeldStatus,
  LearnedLimitStatus,
  LearnedProfileStatus,
  NextRequest,
  ProviderStatus,
  QuotaStatus,
} from "./base/status-types.ts";
export type { RawRequest } from "./dialects/messages/raw-request.ts";
export {
  type ChunkTaker,
  type PullableBody,
  TransportError,
  type Transport,
  type TransportOptions,
  type UpstreamReply,
  type UpstreamRequest,
  type UpstreamTls,
} from "./base/transport.ts";

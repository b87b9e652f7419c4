export type { Answer, AnswerBlock, AnswerContext, StopReason, Usage } from "./answer.ts";
export { anthropicFrames, anthropicMessage } from "./anthropic-answer.ts";
export { awsFrame, bedrockChunk, bedrockException } from "./aws-event-stream.ts";
export type * from "./behaviour.ts";
export {
  answer,
  body,
  commentsOnly,
  cut,
  drop,
  emptyAnswer,
  errorWithin,
  frames,
  inserted,
  paced,
  pingsOnly,
  raw,
  refuse,
  sized,
  stall,
  text,
  thinking,
  type ToolCall,
  tools,
} from "./behaviours.ts";
export { brokenStreams, connectionFaults } from "./broken-connections.ts";
export { claudeCode, type ClaudeCodeOptions, offeredTools } from "./claude-code.ts";
export type * from "./dialect.ts";
export { echoCredentials, inOtherForm, staleAfterFirst } from "./client-dependent.ts";
export { malformedHttp, notAnswers, silences } from "./not-answers.ts";
export { openaiCompletion, openaiFrames } from "./openai-answer.ts";
export { type Blackhole, closedPort, startBlackhole } from "./peers.ts";
export { responsesBody, responsesFrames } from "./responses-answer.ts";
export { responsesRefusal, strictResponses } from "./validate/responses-check.ts";
export type { RecordedRequest } from "./recorded-request.ts";
export { type ConnectionMode, FakeUpstream, type FakeUpstreamOptions, startFakeUpstream } from "./upstream.ts";
export { anthropicMembers, type AnthropicRules, refuseAnthropic } from "./validate/anthropic.ts";
export { type ChatRules, openaiMembers, refuseChat } from "./validate/chat.ts";
export { refuseResponses, type ResponsesRules } from "./validate/responses.ts";

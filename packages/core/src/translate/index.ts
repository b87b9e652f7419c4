export { isAccountError } from "../failures/account-text.ts";
export type { GenerateId } from "../conversation/answer/answer.ts";
export {
  messagesToChat,
  toChatRequest,
  type ChatRequestOptions,
  type ChatTranslation,
} from "../dialects/chat/request.ts";
export { chatToMessages, type ChatAnswerBasis, type ChatReading } from "../dialects/chat/client-request.ts";
export { toChatCompletion, ToChatStreamWriter } from "../dialects/chat/client-answer.ts";
export type { ChatAnswerState } from "../dialects/chat/client-answer-machine.ts";
export { toChatStream } from "../dialects/chat/client-stream.ts";
export { chatError as toChatError } from "../dialects/chat/client-error.ts";
export { toChatStreamTransform, toResponsesStreamTransform } from "../dialects/client-iterate.ts";
export type { ClientAnswerContext, ClientReading, RequestExtras } from "../dialects/dialect.ts";
export type { TranslatedMessage } from "../conversation/answer/answer-message.ts";
export { fromChatCompletion, type ChatResponseOptions } from "../dialects/chat/response.ts";
export {
  ChatStreamTranslator,
  ChatStreamTranslator as FromChatStreamReader,
  type ChatStreamOptions,
  type ChatStreamState,
} from "../dialects/chat/stream.ts";
export { translationContext, type TranslationContext, type TranslationWarning } from "../conversation/context.ts";
export { readErrorStatus } from "../failures/error-status.ts";
export { readErrorText } from "../failures/error-text.ts";
export { MessageStreamChecker, type GrammarProblem, type GrammarRule } from "../conversation/answer/grammar.ts";
export {
  type ByteSource,
  chatStreamTransform,
  fromChatStream,
  fromChatStreamTransform,
  fromResponsesStream,
  fromResponsesStreamTransform,
  responsesStreamTransform,
  translateChatStream,
  translateResponsesStream,
} from "../dialects/iterate.ts";
export { readMaxTokensLimit } from "../failures/max-tokens-limit.ts";
export { MessageAssembler, type AnyStreamEvent } from "../conversation/answer/message-assembler.ts";
export { fullEvent, fullMessage } from "../conversation/answer/full-message.ts";
export { type AnyMessage, messageToEvents } from "../conversation/answer/message-events.ts";
export {
  toMessagesError,
  toMessagesError as fromChatError,
  toMessagesError as fromResponsesError,
  type MessagesError,
  type UpstreamErrorReply,
} from "../failures/messages-error.ts";
export { neutralProfile, resolveProfile, type ProfileQuery } from "../vendors/profile.ts";
export type { Profile, ProfileOverride } from "../base/profile-types.ts";
export { fromResponse, type ResponseOptions } from "../dialects/responses/response.ts";
export {
  ResponsesStreamTranslator,
  ResponsesStreamTranslator as FromResponsesStreamReader,
  type ResponsesStreamOptions,
  type ResponsesStreamState,
} from "../dialects/responses/stream.ts";
export { redactSecrets } from "../failures/redact.ts";
export {
  makeSignature,
  readSignature,
  type ReasoningOrigin,
  type SignatureEnvelope,
} from "../conversation/ids/signature.ts";
export { decodeToolId, encodeToolId, readThoughtSignature } from "../conversation/ids/tool-ids.ts";
export {
  responsesToMessages,
  type ResponsesAnswerBasis,
  type ResponsesReading,
} from "../dialects/responses/client-request.ts";
export { toResponse, ToResponsesStreamWriter } from "../dialects/responses/client-answer.ts";
export type { ResponsesStreamEvent } from "../dialects/responses/client-answer-machine.ts";
export { toResponsesStream } from "../dialects/responses/client-stream.ts";
export { toResponsesError } from "../dialects/responses/client-error.ts";
export {
  messagesToResponses,
  toResponsesRequest,
  type ResponsesRequestOptions,
  type ResponsesTranslation,
} from "../dialects/responses/request.ts";

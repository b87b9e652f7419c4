export { isAccountError } from "../failures/account-error.ts";
export type { GenerateId } from "./answer/answer.ts";
export { toChatRequest, type ChatRequestOptions, type ChatTranslation } from "./chat-request.ts";
export type { TranslatedMessage } from "./answer-message.ts";
export { fromChatCompletion, type ChatResponseOptions } from "./chat-response.ts";
export { ChatStreamTranslator, type ChatStreamOptions, type ChatStreamState } from "./chat-stream.ts";
export type { TranslationContext, TranslationWarning } from "./context.ts";
export { readErrorStatus, readErrorText } from "../failures/error-text.ts";
export { MessageStreamChecker, type GrammarProblem, type GrammarRule } from "./grammar.ts";
export {
  chatStreamTransform,
  responsesStreamTransform,
  translateChatStream,
  translateResponsesStream,
} from "./iterate.ts";
export { readMaxTokensLimit } from "../failures/max-tokens-limit.ts";
export { MessageAssembler, type AnyStreamEvent } from "./message-assembler.ts";
export { messageToEvents } from "./answer/message-events.ts";
export { toMessagesError, type MessagesError, type UpstreamErrorReply } from "../failures/messages-error.ts";
export { neutralProfile, resolveProfile, type Profile, type ProfileOverride, type ProfileQuery } from "./profile.ts";
export { fromResponse, type ResponseOptions } from "./responses-response.ts";
export {
  ResponsesStreamTranslator,
  type ResponsesStreamOptions,
  type ResponsesStreamState,
} from "./responses-stream.ts";
export { redactSecrets } from "../failures/redact.ts";
export { makeSignature, readSignature, type ReasoningOrigin, type SignatureEnvelope } from "./code/signature.ts";
export { decodeToolId, encodeToolId, readThoughtSignature } from "./code/tool-ids.ts";
export { toResponsesRequest, type ResponsesRequestOptions, type ResponsesTranslation } from "./responses-request.ts";

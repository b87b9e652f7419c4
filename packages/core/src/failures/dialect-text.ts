import { asserts, withoutLabels } from "./prose.ts";

/** Members of an error that state that a model is not served over the API that was asked. */
interface DialectError {
  readonly message: string;
  readonly code?: string;
}

/**
 * Decides whether Chat Completions refers a request to Responses: "Function tools with reasoning_effort are not
 * supported for gpt-5.4-mini in /v1/chat/completions. Please use /v1/responses instead." (recorded), "This model is
 * only supported in v1/responses and not in v1/chat/completions." (openai/codex#1346), Azure's "The chatCompletion
 * operation does not work with the specified model", GitHub Copilot's "not accessible via the /chat/completions
 * endpoint".
 */
export function pointsToResponses({ message }: DialectError): boolean {
  return asserts(withoutLabels(message), responsesPhrases);
}

/**
 * Decides whether Responses states that it does not serve the model or the request: "not supported in the Responses
 * API", Copilot's `unsupported_api_for_model`.
 */
export function pointsToChat({ message, code }: DialectError): boolean {
  return code === "unsupported_api_for_model" || asserts(withoutLabels(message), chatPhrases);
}

const responsesPhrases: readonly RegExp[] = [
  /chat\/?_?completions? operation does not work|not accessible via the \/chat\/completions endpoint/i,
  /\b(?:please use|use|only supported (?:in|on|with|by|via|through)|(?:only )?available (?:in|on|via|through))\s+(?:the\s+)?(?:openai\s+)?(?:\/?v1)?\/?responses\b/i,
];

const chatPhrases: readonly RegExp[] = [
  // llama.cpp, of an item of Responses that it cannot read.
  /^cannot determine type of ['"`]?item/i,
  /not accessible via the \/responses endpoint|does not support (?:the )?responses api/i,
  /not supported (?:in|on|with|by|via) (?:the )?(?:\/?v1)?\/?responses\b/i,
  /\b(?:please use|only supported (?:in|on|with|by|via))\s+(?:the\s+)?(?:\/?v1)?\/?chat[/ ]completions\b/i,
];

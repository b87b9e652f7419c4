/** Names the API that a client or a provider speaks: Anthropic Messages, OpenAI Chat Completions or OpenAI Responses. */
export type DialectName = "messages" | "chat" | "responses";

/** Names the API that a client speaks: Anthropic Messages, OpenAI Chat Completions or OpenAI Responses. */
export type DialectName = "messages" | "chat" | "responses";

/** Names the API that a provider is asked in. */
export type ProviderApi = "messages" | "chat" | "responses";

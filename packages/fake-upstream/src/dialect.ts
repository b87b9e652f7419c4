/**
 * API of an upstream: Anthropic Messages, OpenAI's Chat Completions and Responses, each at its path, or Claude as Amazon Bedrock (`InvokeModel`) and
 * Google Vertex AI (`rawPredict`) serve it.
 */
export type Dialect = "anthropic" | "openai" | "bedrock" | "vertex";

/** The wire format of one request and its answer: `openai` is Chat Completions. */
export type WireFormat = Dialect | "responses";

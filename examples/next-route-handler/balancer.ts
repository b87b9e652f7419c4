import { Balancer, createFetch, type Fetch, fetchTransport } from "@ccpb/core";

/** One balancer for the whole process, so that what one request learns about a provider helps the next. */
const balancer = new Balancer({
  // In order of preference. The second speaks OpenAI's API; requests and answers are translated.
  providers: [
    {
      name: "anthropic",
      type: "anthropic",
      baseUrl: process.env["ANTHROPIC_UPSTREAM"] ?? "https://api.anthropic.com",
      auth: { type: "api_key", keys: [process.env["ANTHROPIC_API_KEY"] ?? ""] },
      bigModel: "passthrough",
      smallModel: "passthrough",
    },
    {
      name: "openrouter",
      type: "openai",
      baseUrl: process.env["OPENROUTER_UPSTREAM"] ?? "https://openrouter.ai/api/v1",
      auth: { type: "api_key", keys: [process.env["OPENROUTER_API_KEY"] ?? ""] },
      bigModel: "anthropic/claude-opus-5.5",
      smallModel: "anthropic/claude-haiku-5.5",
    },
  ],
});

/** Serves a Messages request: takes a `Request`, answers a `Response`. */
export const serveMessages: Fetch = createFetch(balancer, fetchTransport(fetch));

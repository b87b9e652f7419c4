import { Balancer, createFetch, type Fetch, fetchTransport } from "@ccpb/core";

/** Throws where a variable is not set: a request without a key would only come back as an error of the provider. */
function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`Set ${name} in .env.local`);
  return value;
}

function start(): { readonly balancer: Balancer; readonly serve: Fetch } {
  const balancer = new Balancer({
    // In order of preference. The second speaks OpenAI's API; requests and answers are translated.
    providers: [
      {
        name: "anthropic",
        type: "anthropic",
        baseUrl: process.env["ANTHROPIC_UPSTREAM"] ?? "https://api.anthropic.com",
        auth: { type: "api_key", keys: [variable("ANTHROPIC_API_KEY")] },
        bigModel: "passthrough",
        smallModel: "passthrough",
      },
      {
        name: "openrouter",
        type: "openai",
        baseUrl: process.env["OPENROUTER_UPSTREAM"] ?? "https://openrouter.ai/api/v1",
        auth: { type: "api_key", keys: [variable("OPENROUTER_API_KEY")] },
        bigModel: "anthropic/claude-opus-5.5",
        smallModel: "anthropic/claude-haiku-5.5",
      },
    ],
  });
  return { balancer, serve: serveWith(balancer) };
}

/** Serves requests over the platform's own `fetch`. */
export function serveWith(balancer: Balancer): Fetch {
  return createFetch(balancer, fetchTransport(fetch));
}

// One balancer for the whole process, so that what one request learns about a provider helps the next. Made at the first request, and not while Next.js
// builds the application, where the keys are not set.
let started: ReturnType<typeof start> | undefined;

/** Serves a request of any of the APIs: takes a `Request`, answers a `Response`. */
export const serve: Fetch = (request) => (started ??= start()).serve(request);

/** Whether somebody could serve a request now. */
export function isHealthy(): boolean {
  return (started ??= start()).balancer.status().providers.some(({ healthy }) => healthy);
}

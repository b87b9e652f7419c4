import { Balancer, createFetch, type Fetch, fetchTransport } from "@ccpb/core";
import { DurableReplica, type HealthNamespace } from "./health.ts";

export { HealthStore } from "./health.ts";

/** Secrets (`wrangler secret put …`), variables, and the Durable Object that the isolates share health through. */
export interface Env {
  readonly ANTHROPIC_API_KEY: string;
  readonly OPENROUTER_API_KEY: string;
  readonly ANTHROPIC_UPSTREAM?: string;
  readonly OPENROUTER_UPSTREAM?: string;
  readonly HEALTH: HealthNamespace;
}

/** The part of Cloudflare's `ExecutionContext` that is used here. */
interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

interface Started {
  readonly balancer: Balancer;
  readonly serve: Fetch;
  readonly replica: DurableReplica;
}

// One balancer an isolate. Made at the first request: random numbers and bindings are not there before.
let started: Started | undefined;

function start(env: Env): Started {
  const replica = new DurableReplica();
  const balancer = new Balancer(
    {
      providers: [
        {
          name: "anthropic",
          type: "anthropic",
          baseUrl: env.ANTHROPIC_UPSTREAM ?? "https://api.anthropic.com",
          auth: { type: "api_key", keys: [env.ANTHROPIC_API_KEY] },
          bigModel: "passthrough",
          smallModel: "passthrough",
        },
        {
          name: "openrouter",
          type: "openai",
          baseUrl: env.OPENROUTER_UPSTREAM ?? "https://openrouter.ai/api/v1",
          auth: { type: "api_key", keys: [env.OPENROUTER_API_KEY] },
          bigModel: "anthropic/claude-opus-5.5",
          smallModel: "anthropic/claude-haiku-5.5",
        },
      ],
    },
    { replica },
  );
  return { balancer, serve: serveWith(balancer), replica };
}

/** Serves requests over Cloudflare's own `fetch`, which wants to be called as a function of its own. */
export function serveWith(balancer: Balancer): Fetch {
  return createFetch(
    balancer,
    fetchTransport((input, init) => fetch(input, init)),
  );
}

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const { balancer, serve, replica } = (started ??= start(env));
    if (new URL(request.url).pathname === "/health") {
      const isHealthy = balancer.status().providers.some(({ healthy }) => healthy);
      return Response.json({ status: isHealthy ? "healthy" : "unhealthy" }, { status: isHealthy ? 200 : 503 });
    }
    const response = await serve(request);
    // Behind the answer: a store that is slow or dead costs no request anything.
    context.waitUntil(replica.exchange(env.HEALTH));
    return response;
  },
};

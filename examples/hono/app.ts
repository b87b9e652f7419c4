import { type Balancer, createFetch, type Transport } from "@ccpb/core";
import { Hono } from "hono";

/** The balancer in Hono: a balancer's `fetch` takes a Request and answers a Response, so it is a handler as it stands. */
export function createApp(balancer: Balancer, transport: Transport): Hono {
  const serve = createFetch(balancer, transport);
  const app = new Hono();

  // The Messages, Chat Completions and Responses APIs, the list of models, and the probe of Claude Code.
  app.all("/v1/*", (context) => serve(context.req.raw));
  app.get("/api/hello", (context) => serve(context.req.raw));

  // Readiness: somebody could serve a request now.
  app.get("/health", (context) => {
    const isHealthy = balancer.status().providers.some(({ healthy }) => healthy);
    return context.json({ status: isHealthy ? "healthy" : "unhealthy" }, isHealthy ? 200 : 503);
  });

  return app;
}

import { type Balancer, createFetch, type Transport } from "@ccpb/core";
import { Hono } from "hono";

/** The balancer in Hono: a balancer's `fetch` takes a Request and answers a Response, so it is a handler as it stands. */
export function createApp(balancer: Balancer, transport: Transport): Hono {
  const serve = createFetch(balancer, transport);
  const app = new Hono();

  app.post("/v1/messages", (context) => serve(context.req.raw));
  app.post("/v1/messages/count_tokens", (context) => serve(context.req.raw));

  // Readiness: somebody could serve a request now.
  app.get("/health", (context) => {
    const { currentProvider } = balancer.status();
    return context.json({ currentProvider }, currentProvider === null ? 503 : 200);
  });

  return app;
}

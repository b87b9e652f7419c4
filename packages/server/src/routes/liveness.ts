import { jsonReply, type ServerReply } from "../http/server-reply.ts";
import type { Handler } from "./server-context.ts";

/** `GET /`: the process lives. */
export const getRoot: Handler = (_inbound, { version }) =>
  jsonReply(200, {
    proxy_name: "Claude Code Provider Balancer",
    version,
    status: "ok",
    status_page: "/ui",
    timestamp: new Date().toISOString(),
  });

/** `HEAD /api/hello`: the probe that Claude Code 2.1 sends to its base URL. */
export const headHello: Handler = () => jsonReply(200, { message: "hello" });

/** Answers `GET /health`: 200 if a provider could serve a request now. */
export const getHealth: Handler = (inbound, { balancer, log }): ServerReply => {
  const isHealthy = balancer.status().providers.some((provider) => provider.healthy);
  log.write("DEBUG", "health_check", isHealthy ? "healthy" : "unhealthy", { request_id: inbound.id });
  if (isHealthy) return jsonReply(200, { status: "healthy" });
  return jsonReply(503, {
    status: "unhealthy",
    message: "No provider can serve a request now; GET /providers says why.",
  });
};

import { isHealthy } from "../../balancer.ts";

export const dynamic = "force-dynamic";

/** Readiness: somebody could serve a request now. */
export function GET(): Response {
  const status = isHealthy() ? "healthy" : "unhealthy";
  return Response.json({ status }, { status: isHealthy() ? 200 : 503 });
}

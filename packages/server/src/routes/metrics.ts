import { CcpbError } from "@ccpb/core";
import type { Handler } from "../server-context.ts";

/** `GET /metrics`: Prometheus text, unless `settings.metrics` is off. */
export const getMetrics: Handler = async (_inbound, { metrics, settings, balancer }) => {
  if (!settings.metrics) {
    throw new CcpbError("invalid_request", "Metrics are turned off (settings.metrics).", {
      status: 404,
      type: "not_found_error",
    });
  }
  const { contentType, text } = await metrics.render(balancer.status());
  return { status: 200, headers: { "content-type": contentType }, body: Buffer.from(text) };
};

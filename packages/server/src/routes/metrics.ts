import { CcpbError } from "@ccpb/core";
import { renderMetrics } from "../metrics/exposition.ts";
import type { Handler } from "./server-context.ts";

/** `GET /metrics`: Prometheus text, unless `settings.metrics` is off. */
export const getMetrics: Handler = async (_inbound, context) => {
  if (!context.settings.metrics) {
    throw new CcpbError("invalid_request", "Metrics are turned off (settings.metrics).", {
      status: 404,
      type: "not_found_error",
    });
  }
  const { contentType, text } = await renderMetrics((await context.overview()).metrics);
  return { status: 200, headers: { "content-type": contentType }, body: Buffer.from(text) };
};

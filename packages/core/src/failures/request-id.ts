import type { HeaderMap } from "../base/outcome.ts";
import { isObject } from "../base/json.ts";

// The vendor's own id before that of a network in front of it.
const idHeaders = [
  "request-id",
  "x-request-id",
  "x-amzn-requestid",
  "apim-request-id",
  "x-ms-request-id",
  "x-oneapi-request-id",
  "x-tt-logid",
  "x-goog-request-id",
  "x-trace-id",
  "cf-ray",
] as const;

const readable = /^[\w.:/+=-]{1,128}$/;

/** Returns the id by which the upstream knows the failed request: from its headers, else `request_id` (or Alibaba's `id`) of its body. */
export function readRequestId(headers: HeaderMap, body: unknown): string | undefined {
  for (const name of idHeaders) {
    const value = headers[name];
    const id = typeof value === "string" ? value : value?.[0];
    if (id !== undefined && readable.test(id)) return id;
  }
  if (!isObject(body)) return undefined;
  const error = body["error"];
  for (const holder of [body, isObject(error) ? error : {}]) {
    for (const key of ["request_id", "requestId", "RequestId", "trace_id"]) {
      const id = holder[key];
      if (typeof id === "string" && readable.test(id)) return id;
    }
  }
  return undefined;
}

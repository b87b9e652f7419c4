import { APICallError } from "@ai-sdk/provider";
import type { CcpbError } from "@ccpb/core";

/** The longest wait in milliseconds that the AI SDK's own retries keep to; after a longer one they would ask again too early. */
const longestRetryMs = 60_000;

/**
 * Says that no model served a call, as the AI SDK's own error.
 *
 * @param failure - The balancer's: which models failed, and why.
 * @param cause - Error of the last model.
 */
export function failoverError(failure: CcpbError, cause: unknown): APICallError {
  const { message, status, retryAfterMs, shouldRetry } = failure;
  const waitMs = retryAfterMs ?? 0;
  return new APICallError({
    message,
    url: "ccpb:failover",
    requestBodyValues: {},
    statusCode: status,
    ...(retryAfterMs !== undefined && { responseHeaders: { "retry-after": String(Math.ceil(waitMs / 1_000)) } }),
    cause: cause ?? failure,
    isRetryable: shouldRetry !== false && waitMs <= longestRetryMs,
    data: { code: failure.code, attempts: failure.attempts },
  });
}

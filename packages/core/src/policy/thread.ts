import { CcpbError } from "../base/errors.ts";

/**
 * Returns the answer to a request with server-side state (Message Threads) that cannot be kept at one provider: the SDK recovers from both by going on
 * without a thread (source: `@anthropic-ai/sdk` 1.12, beta tool runner).
 */
export function threadRefusal(thread: unknown): CcpbError {
  const isContinue = typeof thread === "object" && thread !== null && "type" in thread && thread.type === "continue";
  if (isContinue) {
    return new CcpbError(
      "invalid_request",
      "The thread is not known here: threads are not kept across several providers",
      {
        status: 404,
        type: "not_found_error",
        details: { error_code: "thread_not_found" },
      },
    );
  }
  return new CcpbError(
    "invalid_request",
    "Message Threads are not supported with several providers: resend the request without thread",
    {
      status: 400,
      type: "invalid_request_error",
      details: { error_code: "thread_unsupported_request", unsupported: ["thread"] },
    },
  );
}

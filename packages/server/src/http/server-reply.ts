import { errorReply, type CcpbError, type DialectName } from "@ccpb/core";
import { visibleJson } from "../base/visible-text.ts";

/**
 * Answer of a handler; core's `Reply` is one. Names of headers are in lower case; framing and request ids are added
 * when it is written.
 */
export interface ServerReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
  /** The provider that answered and the number of attempts, where there were any. */
  readonly provider?: string;
  readonly attempts?: number;
}

/** Returns a reply with `value` as JSON. */
export function jsonReply(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): ServerReply {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: Buffer.from(visibleJson(JSON.stringify(value))),
  };
}

/** Returns one of our own errors in the shape of the client's API; with the number of attempts where the balancer made any. */
export function refusalReply(error: CcpbError, requestId: string, dialect: DialectName): ServerReply {
  const { status, headers, body, attempts } = errorReply(error, requestId, dialect);
  return error.code === "providers_unavailable" ? { status, headers, body, attempts } : { status, headers, body };
}

import type { HeaderMap } from "../../base/outcome.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";

/** Request as it came over HTTP, whose bytes are passed on where possible. */
export interface RawRequest {
  /**
   * Bytes of the body, whole or in the chunks in which they arrived. A provider that speaks the client's API is sent
   * the same chunks; they are joined where the body has to be parsed. They must not change until the answer begins.
   */
  readonly body: Uint8Array | readonly Uint8Array[];
  /** Headers of the client, names in lower case. */
  readonly headers?: HeaderMap;
  /** Query with its `?`. */
  readonly query?: string;
  /**
   * Result of `scanBody` for `body`, from a program that scanned it while it arrived. Offsets of any other body make
   * the request wrong. Default: the body is scanned when the call is opened.
   */
  readonly memberOffsets?: ArrayLike<number> | undefined;
}

/** Decides whether a request is the bytes that came over HTTP. */
export function isRawRequest(request: MessagesRequest | RawRequest): request is RawRequest {
  return "body" in request && (ArrayBuffer.isView(request.body) || isChunkList(request.body));
}

function isChunkList(body: unknown): boolean {
  return Array.isArray(body) && body.every((chunk) => ArrayBuffer.isView(chunk));
}

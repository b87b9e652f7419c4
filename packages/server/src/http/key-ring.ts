import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { CcpbError } from "@ccpb/core";

/** The keys that open this server, kept as digests and compared in constant time. Without keys everybody may come in. */
export class KeyRing {
  readonly #digests: readonly Buffer[];
  readonly #lengths: ReadonlySet<number>;

  constructor(keys: readonly string[]) {
    this.#digests = keys.map(digestOf);
    this.#lengths = new Set(keys.map((key) => key.length));
  }

  get isEmpty(): boolean {
    return this.#digests.length === 0;
  }

  /**
   * Returns the refusal (401) of a request with no valid key in `x-api-key` (Anthropic), `api-key` (Azure) or `Authorization: Bearer`; one valid key
   * suffices, in whichever of them it is.
   */
  refuse(headers: IncomingHttpHeaders): CcpbError | undefined {
    if (this.isEmpty) return undefined;
    const shown = [headers["x-api-key"], headers["api-key"], bearerOf(headers.authorization)].filter(
      (key) => typeof key === "string",
    );
    if (shown.some((key) => this.owns(key))) return undefined;
    const found = shown.length === 0 ? "no API key" : "an API key that is not valid here";
    const message = `The request has ${found}. Send one of settings.auth.api_keys as Authorization: Bearer, x-api-key or api-key.`;
    return new CcpbError("invalid_request", message, { status: 401, type: "authentication_error", shouldRetry: false });
  }

  /** Whether `value` is one of our own keys; takes the same time whatever it is. */
  owns(value: string): boolean {
    const digest = digestOf(value);
    let isOwn = false;
    for (const own of this.#digests) isOwn = timingSafeEqual(own, digest) || isOwn;
    return isOwn;
  }

  /** The headers without any that holds one of our keys: they open this server and are no provider's business. */
  without(headers: IncomingHttpHeaders): IncomingHttpHeaders {
    if (this.isEmpty) return headers;
    const rest: IncomingHttpHeaders = {};
    for (const name in headers) {
      const value = headers[name];
      const text = Array.isArray(value) ? value.join(", ") : value;
      if (text !== undefined && !this.#mayHold(text)) rest[name] = value;
    }
    return rest;
  }

  // Whoever gets here has shown a key, so the quick look at the length tells nobody anything new.
  #mayHold(text: string): boolean {
    const bearer = bearerOf(text) ?? text;
    return (
      (this.#lengths.has(text.length) && this.owns(text)) || (this.#lengths.has(bearer.length) && this.owns(bearer))
    );
  }
}

function digestOf(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

function bearerOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : /^bearer +(\S.*)$/i.exec(value)?.[1]?.trimEnd();
}

import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { CcpbError } from "@ccpb/core";
import type { Caller } from "./permissions.ts";

/** A key that opens this server, and who shows it. */
export interface OwnKey {
  readonly caller: Caller;
  /** The key itself, or its SHA-256 in hexadecimal. */
  readonly key: string | { readonly sha256: string };
}

/** The caller of a server that asks for no keys, and of routes that need none. */
export const anybody: Caller = { role: "operator" };

/**
 * Keeps the keys that open this server, and looks them up by SHA-256 digest. The time of a look-up reveals nothing of
 * a key, because an attacker cannot choose the beginning of a digest. A ring without keys admits every request.
 */
export class KeyRing {
  /** Callers by digest, in hexadecimal. */
  readonly #callers: ReadonlyMap<string, Caller>;
  readonly #lengths: ReadonlySet<number>;
  readonly #hasDigestsAlone: boolean;

  constructor(keys: readonly OwnKey[]) {
    const digests = keys.map(
      ({ key, caller }) => [typeof key === "string" ? digestOf(key) : key.sha256.toLowerCase(), caller] as const,
    );
    // Of two clients with one key the first counts.
    this.#callers = new Map(digests.toReversed());
    this.#lengths = new Set(keys.flatMap(({ key }) => (typeof key === "string" ? [key.length] : [])));
    this.#hasDigestsAlone = keys.some(({ key }) => typeof key !== "string");
  }

  get isEmpty(): boolean {
    return this.#callers.size === 0;
  }

  /**
   * Returns whose key a request shows in `x-api-key` (Anthropic), `api-key` (Azure) or `Authorization: Bearer`, in this order; undefined where none of
   * them is a key of ours.
   */
  callerOf(headers: IncomingHttpHeaders): Caller | undefined {
    if (this.isEmpty) return undefined;
    for (const key of shownKeys(headers)) {
      const caller = this.#find(key);
      if (caller !== undefined) return caller;
    }
    return undefined;
  }

  /** Returns the refusal (401) of a request without a key of ours. */
  refusalOf(headers: IncomingHttpHeaders): CcpbError {
    const found = shownKeys(headers).length === 0 ? "no API key" : "an API key that is not valid here";
    const message = `The request has ${found}. Send one of settings.auth.api_keys as Authorization: Bearer, x-api-key or api-key.`;
    return new CcpbError("invalid_request", message, { status: 401, type: "authentication_error", shouldRetry: false });
  }

  /** Decides whether `value` is one of this server's own keys. */
  owns(value: string): boolean {
    return this.#find(value) !== undefined;
  }

  /** The headers without any that holds one of our keys: they open this server and are no provider's business. */
  without(headers: IncomingHttpHeaders): IncomingHttpHeaders {
    if (this.isEmpty) return headers;
    // The length of a key is not known where the configuration has its digest alone; but then this request may have shown it.
    const shown = this.#hasDigestsAlone ? new Set(shownKeys(headers).filter((key) => this.owns(key))) : undefined;
    const rest: IncomingHttpHeaders = {};
    for (const name in headers) {
      const value = headers[name];
      const text = Array.isArray(value) ? value.join(", ") : value;
      if (text !== undefined && !this.#mayHold(text, shown)) rest[name] = value;
    }
    return rest;
  }

  #find(value: string): Caller | undefined {
    return this.#callers.get(digestOf(value));
  }

  // Requests that get here have shown a key, so the quick look at the length tells their senders nothing new.
  #mayHold(text: string, shown: ReadonlySet<string> | undefined): boolean {
    const bearer = bearerOf(text) ?? text;
    if (shown !== undefined && (shown.has(text) || shown.has(bearer))) return true;
    return (
      (this.#lengths.has(text.length) && this.owns(text)) || (this.#lengths.has(bearer.length) && this.owns(bearer))
    );
  }
}

function shownKeys(headers: IncomingHttpHeaders): readonly string[] {
  return [headers["x-api-key"], headers["api-key"], bearerOf(headers.authorization)].filter(
    (key) => typeof key === "string",
  );
}

function digestOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

function bearerOf(value: string | undefined): string | undefined {
  return value === undefined ? undefined : /^bearer +(\S.*)$/i.exec(value)?.[1]?.trimEnd();
}

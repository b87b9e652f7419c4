import { hash } from "node:crypto";
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

/** The headers in which a request shows a key: Anthropic's, Azure's, and the usual one, with `Bearer`. They are looked at in this order. */
const keyHeaders = ["x-api-key", "api-key", "authorization"] as const;

/**
 * Keeps the keys that open this server, and looks them up by SHA-256 digest. The time of a look-up reveals nothing of
 * a key, because an attacker cannot choose the beginning of a digest. A ring without keys admits every request.
 */
export class KeyRing {
  /** Callers by digest, in hexadecimal. */
  readonly #callers: ReadonlyMap<string, Caller>;
  /** The keys that the configuration holds in plain text, and their lengths. */
  readonly #plainKeys: ReadonlySet<string>;
  readonly #lengths: ReadonlySet<number>;
  readonly #hasDigestsAlone: boolean;

  constructor(keys: readonly OwnKey[]) {
    const digests = keys.map(
      ({ key, caller }) => [typeof key === "string" ? digestOf(key) : key.sha256.toLowerCase(), caller] as const,
    );
    // Of two clients with one key the first counts.
    this.#callers = new Map(digests.toReversed());
    this.#plainKeys = new Set(keys.flatMap(({ key }) => (typeof key === "string" ? [key] : [])));
    this.#lengths = new Set(Array.from(this.#plainKeys, (key) => key.length));
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
    for (const name of keyHeaders) {
      const key = shownIn(headers, name);
      const caller = key === undefined ? undefined : this.#find(key);
      if (caller !== undefined) return caller;
    }
    return undefined;
  }

  /** Returns the refusal (401) of a request without a key of ours. */
  refusalOf(headers: IncomingHttpHeaders): CcpbError {
    const hasKey = keyHeaders.some((name) => shownIn(headers, name) !== undefined);
    const found = hasKey ? "an API key that is not valid here" : "no API key";
    const message = `The request has ${found}. Send a key of settings.auth (api_keys or clients) as Authorization: Bearer, x-api-key or api-key.`;
    return new CcpbError("invalid_request", message, { status: 401, type: "authentication_error", shouldRetry: false });
  }

  /**
   * Returns the headers without any that holds one of our keys (its value is undefined then): they open this server
   * and are no provider's business. Call it only for requests that were admitted.
   */
  without(headers: IncomingHttpHeaders): IncomingHttpHeaders {
    if (this.isEmpty) return headers;
    // The length of a key is not known where the configuration has its digest alone; but then this request may have shown it.
    const shown = this.#hasDigestsAlone ? this.#ownKeysIn(headers) : undefined;
    const rest: IncomingHttpHeaders = { ...headers };
    for (const name in headers) {
      const value = headers[name];
      const text = Array.isArray(value) ? value.join(", ") : value;
      if (text !== undefined && this.#mayHold(text, shown)) rest[name] = undefined;
    }
    return rest;
  }

  #find(value: string): Caller | undefined {
    return this.#callers.get(digestOf(value));
  }

  #ownKeysIn(headers: IncomingHttpHeaders): ReadonlySet<string> {
    const shown = keyHeaders.flatMap((name) => shownIn(headers, name) ?? []);
    return new Set(shown.filter((key) => this.#find(key) !== undefined));
  }

  #mayHold(text: string, shown: ReadonlySet<string> | undefined): boolean {
    return this.#isOwn(text, shown) || this.#isOwn(bearerOf(text), shown);
  }

  // Not by digest: this is asked of each header of each request, and most of them hold no key. V8 compares the characters of two strings only if their hashes,
  // which depend on a secret of the process, are the same: the time it takes tells nothing of the beginning of a key.
  #isOwn(value: string | undefined, shown: ReadonlySet<string> | undefined): boolean {
    if (value === undefined) return false;
    return (this.#lengths.has(value.length) && this.#plainKeys.has(value)) || shown?.has(value) === true;
  }
}

/** Returns the key that a request shows in a header; undefined where it has none. */
function shownIn(headers: IncomingHttpHeaders, name: (typeof keyHeaders)[number]): string | undefined {
  const value = headers[name];
  if (typeof value !== "string") return undefined;
  return name === "authorization" ? bearerOf(value) : value;
}

function digestOf(key: string): string {
  return hash("sha256", key);
}

const bearerPrefix = /^bearer +(\S.*)$/i;

function bearerOf(value: string): string | undefined {
  // Most values begin otherwise, and are not worth a regular expression.
  const first = value.charCodeAt(0);
  if (first !== 0x42 && first !== 0x62) return undefined;
  return bearerPrefix.exec(value)?.[1]?.trimEnd();
}
